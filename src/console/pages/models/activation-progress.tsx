import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { statusFailure } from '../../api/status-failure.js';
import { useJob } from '../../api/use-job.js';
import { CancelJobButton } from '../../components/cancel-job-button.js';
import { FailureNotice } from '../../components/failure-notice.js';
import { JobProgress } from '../../components/job-progress.js';
import { Section } from '../../components/section.js';
import { isOpen } from '../../format/job-words.js';
import { idIn } from '../../format/names.js';
import type { Activation } from '../../generated/symface/v1/activation_pb.js';
import { type Job, JobState } from '../../generated/symface/v1/job_service_pb.js';
import { ReplicasGoneOver } from './replicas-gone-over.js';

interface ActivationProgressProps {
  readonly jobName: string;
  /** It has ended, one way or the other. */
  readonly onEnded: () => void;
}

/** An activation as it goes on: the faces that are embedded anew, then the replicas that go over. */
export function ActivationProgress({ jobName, onEnded }: ActivationProgressProps): JSX.Element {
  const { value: job, failure, hasEnded } = useJob(jobName);
  useEffect(() => {
    if (hasEnded) onEnded();
  }, [hasEnded]);
  const activation = job?.work.case === 'activation' ? job.work.value : undefined;
  if (job === undefined || activation === undefined) {
    return (
      <Section title="Activation">
        <FailureNotice failure={failure} isTriedAgain />
        {failure === undefined && <p role="status">Waiting for its first report …</p>}
      </Section>
    );
  }
  return (
    <Section
      title={`${activation.rollBack ? 'Going back to' : 'Activating'} ${idIn(activation.modelVersion)}`}
      actions={<CancelJobButton job={job} />}
    >
      <FailureNotice failure={failure} isTriedAgain />
      {isOpen(job) ? <JobProgress job={job} /> : <Outcome job={job} activation={activation} />}
    </Section>
  );
}

interface ActivationViewProps {
  readonly job: Job;
  readonly activation: Activation;
}

function Outcome({ job, activation }: ActivationViewProps): JSX.Element {
  if (job.state === JobState.CANCELLED) {
    return <p role="status">It was cancelled. What served before serves.</p>;
  }
  if (job.error !== undefined) return <FailureNotice failure={statusFailure(job.error)} />;
  const { faceCount, leftFaceCount } = activation;
  return (
    <div class="notice notice-good" role="status">
      <p>
        {idIn(activation.modelVersion)} serves.
        {faceCount > 0 && ` ${faceCount.toLocaleString()} enrolled faces have a template of it.`}
        {leftFaceCount > 0 &&
          ` ${leftFaceCount.toLocaleString()} were enrolled as embeddings of another model: enrol them again.`}
      </p>
      <ReplicasGoneOver modelVersion={activation.modelVersion} />
    </div>
  );
}
