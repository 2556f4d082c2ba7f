import type { JSX } from 'preact';
import { useClient } from '../../api/session.js';
import { statusFailure } from '../../api/status-failure.js';
import { type Action, useAction } from '../../api/use-action.js';
import { addressOf } from '../../app/route.js';
import { ConfirmButton } from '../../components/confirm-button.js';
import { FailureNotice } from '../../components/failure-notice.js';
import { PageFrame } from '../../components/page-frame.js';
import { type Job, JobKind, JobService } from '../../generated/symface/v1/job_service_pb.js';
import { ActivationView } from './activation-view.js';
import { AssessmentView } from './assessment-view.js';
import { BenchmarkJobView } from './benchmark-job-view.js';
import { JobFacts } from './job-facts.js';
import { JobStateTag } from './job-state.js';
import { QueuedNotice } from './queued-notice.js';
import { isOpen, kindNames } from './job-words.js';
import { TrainingView } from './training-view.js';
import { useJob } from '../../api/use-job.js';

/** One job, as it goes on. */
export function JobView({ id }: { readonly id: string }): JSX.Element {
  const name = `jobs/${id}`;
  const jobs = useClient(JobService);
  const { value: job, failure } = useJob(name);
  const cancel = useAction(async (signal) => {
    await jobs.cancelJob({ name }, { signal });
  });
  const title = job === undefined ? 'Job' : kindNames[job.kind];
  return (
    <PageFrame
      title={title}
      lead={
        <>
          <a href={addressOf('learning')}>All jobs</a> · <code>{id}</code>
        </>
      }
      actions={job === undefined ? undefined : <JobActions job={job} cancel={cancel} />}
    >
      <FailureNotice failure={failure} />
      <FailureNotice failure={cancel.failure} />
      {job === undefined && failure === undefined && (
        <p class="muted" role="status">
          Loading …
        </p>
      )}
      {job !== undefined && (
        <>
          <FailureNotice failure={statusFailure(job.error)} />
          <QueuedNotice job={job} />
          <JobWork job={job} />
          <JobFacts job={job} />
        </>
      )}
    </PageFrame>
  );
}

interface JobActionsProps {
  readonly job: Job;
  readonly cancel: Action<readonly []>;
}

const lostByCancelling: Readonly<Record<JobKind, string>> = {
  [JobKind.UNSPECIFIED]: 'Nothing of it is kept.',
  [JobKind.TRAINING]: 'Nothing of what it learnt is kept, and what serves stays as it is.',
  [JobKind.ASSESSMENT]: 'There is no verdict then: the candidate stays a candidate.',
  [JobKind.ACTIVATION]:
    'What serves stays. Faces that were embedded already are not embedded again next time.',
  [JobKind.BENCHMARK]: 'There is no report then.',
  [JobKind.KEY_ROTATION]:
    'What the new key has sealed stays, and the old keys stay as well, until another rotation is run to its end.',
  [JobKind.INDEXING]: 'Nothing of an index that is not finished is kept. Exact search goes on.',
};

function JobActions({ job, cancel }: JobActionsProps): JSX.Element {
  const kind = kindNames[job.kind].toLowerCase();
  return (
    <>
      <span role="status">
        <JobStateTag job={job} />
      </span>
      {isOpen(job) && !job.cancelRequested && (
        <ConfirmButton
          label="Cancel"
          question={`Cancel this ${kind}?`}
          confirm={`Cancel the ${kind}`}
          keep="Let it go on"
          isDisabled={cancel.isRunning}
          onConfirm={cancel.run}
        >
          <p>{lostByCancelling[job.kind]}</p>
        </ConfirmButton>
      )}
    </>
  );
}

function JobWork({ job }: { readonly job: Job }): JSX.Element | null {
  const { work } = job;
  switch (work.case) {
    case 'training':
      return <TrainingView job={job} training={work.value} />;
    case 'assessment':
      return <AssessmentView job={job} assessment={work.value} />;
    case 'activation':
      return <ActivationView job={job} activation={work.value} />;
    case 'benchmarkRun':
      return <BenchmarkJobView job={job} run={work.value} />;
    default:
      return null;
  }
}
