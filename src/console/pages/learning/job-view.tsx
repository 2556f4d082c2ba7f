import type { JSX } from 'preact';
import { statusFailure } from '../../api/status-failure.js';
import { addressOf } from '../../app/route.js';
import { CancelJobButton } from '../../components/cancel-job-button.js';
import { FailureNotice } from '../../components/failure-notice.js';
import { JobProgress } from '../../components/job-progress.js';
import { PageFrame } from '../../components/page-frame.js';
import { Section } from '../../components/section.js';
import type { Job } from '../../generated/symface/v1/job_service_pb.js';
import { ActivationView } from './activation-view.js';
import { AssessmentView } from './assessment-view.js';
import { BenchmarkJobView } from './benchmark-job-view.js';
import { JobFacts } from './job-facts.js';
import { JobStateTag } from './job-state.js';
import { isOpen, kindNames } from '../../format/job-words.js';
import { TrainingView } from './training-view.js';
import { useJob } from '../../api/use-job.js';

/** One job, as it goes on. */
export function JobView({ id }: { readonly id: string }): JSX.Element {
  const name = `jobs/${id}`;
  const { value: job, failure } = useJob(name);
  const title = job === undefined ? 'Job' : kindNames[job.kind];
  return (
    <PageFrame
      title={title}
      lead={
        <>
          <a href={addressOf('learning')}>All jobs</a> · <code>{id}</code>
        </>
      }
      actions={job === undefined ? undefined : <JobActions job={job} />}
    >
      <FailureNotice failure={failure} isTriedAgain />
      {job === undefined && failure === undefined && (
        <p class="muted" role="status">
          Loading …
        </p>
      )}
      {job !== undefined && (
        <>
          <FailureNotice failure={statusFailure(job.error)} />
          {isOpen(job) && job.work.case !== 'training' && (
            <Section title="Progress">
              <JobProgress job={job} />
            </Section>
          )}
          <JobWork job={job} />
          <JobFacts job={job} />
        </>
      )}
    </PageFrame>
  );
}

function JobActions({ job }: { readonly job: Job }): JSX.Element {
  return (
    <>
      <span role="status">
        <JobStateTag job={job} />
      </span>
      <CancelJobButton job={job} />
    </>
  );
}

function JobWork({ job }: { readonly job: Job }): JSX.Element | null {
  const { work } = job;
  switch (work.case) {
    case 'training':
      return <TrainingView job={job} training={work.value} />;
    case 'assessment':
      return <AssessmentView assessment={work.value} />;
    case 'activation':
      return <ActivationView job={job} activation={work.value} />;
    case 'benchmarkRun':
      return <BenchmarkJobView job={job} run={work.value} />;
    default:
      return null;
  }
}
