import type { JSX } from 'preact';
import { useEffect } from 'preact/hooks';
import { statusFailure } from '../../api/status-failure.js';
import { useClient } from '../../api/session.js';
import { useAction } from '../../api/use-action.js';
import { useFollowed } from '../../api/use-followed.js';
import { ConfirmButton } from '../../components/confirm-button.js';
import { FailureNotice } from '../../components/failure-notice.js';
import { Progress } from '../../components/progress.js';
import { Section } from '../../components/section.js';
import { idIn } from '../../format/names.js';
import { type Activation, ActivationPhase } from '../../generated/symface/v1/activation_pb.js';
import { type Job, JobService, JobState, type WatchJobResponse } from '../../generated/symface/v1/job_service_pb.js';
import { ReplicasGoneOver } from './replicas-gone-over.js';

interface ActivationProgressProps {
  readonly jobName: string;
  /** It has ended, one way or the other. */
  readonly onEnded: () => void;
}

/** An activation as it goes on: the faces that are embedded anew, then the replicas that go over. */
export function ActivationProgress({ jobName, onEnded }: ActivationProgressProps): JSX.Element {
  const jobs = useClient(JobService);
  const { value, failure, hasEnded } = useFollowed<WatchJobResponse>(
    (signal) => jobs.watchJob({ name: jobName }, { signal }),
    [jobs, jobName],
  );
  useEffect(() => {
    if (hasEnded) onEnded();
  }, [hasEnded]);
  const cancel = useAction(async (signal) => {
    await jobs.cancelJob({ name: jobName }, { signal });
  });
  const job = value?.job;
  const activation = job?.work.case === 'activation' ? job.work.value : undefined;
  if (job === undefined || activation === undefined) {
    return (
      <Section title="Activation">
        <FailureNotice failure={failure} />
        {failure === undefined && <p role="status">Waiting for its first report …</p>}
      </Section>
    );
  }
  const isOpen = job.endTime === '';
  return (
    <Section
      title={`${activation.rollBack ? 'Going back to' : 'Activating'} ${idIn(activation.modelVersion)}`}
      actions={
        isOpen && (
          <ConfirmButton
            label="Cancel …"
            question="Cancel this activation?"
            confirm="Cancel it"
            keep="Go on"
            isDisabled={job.cancelRequested || cancel.isRunning}
            onConfirm={cancel.run}
          >
            <p>What serves now goes on serving. Faces that were embedded need not be embedded again.</p>
          </ConfirmButton>
        )
      }
    >
      <FailureNotice failure={failure ?? cancel.failure} />
      {isOpen ? <Phase job={job} activation={activation} /> : <Outcome job={job} activation={activation} />}
    </Section>
  );
}

interface ActivationViewProps {
  readonly job: Job;
  readonly activation: Activation;
}

const phaseWords: Readonly<Record<ActivationPhase, string>> = {
  [ActivationPhase.UNSPECIFIED]: 'It waits for a worker',
  [ActivationPhase.LOADING]: 'The model is being loaded',
  [ActivationPhase.RE_EMBEDDING]: 'Enrolled faces are being embedded by it',
  [ActivationPhase.SWITCHING]: 'The last faces are being embedded; then it serves',
  [ActivationPhase.REMOVING]: 'It serves; templates that nobody needs are being removed',
};

function Phase({ job, activation }: ActivationViewProps): JSX.Element {
  const { phase, faceCount, embeddedFaceCount } = activation;
  const words = phaseWords[phase];
  return (
    <>
      <p role="status">{job.cancelRequested ? 'It is being cancelled' : words} …</p>
      <Progress label="Faces embedded" done={embeddedFaceCount} total={faceCount} unit="faces embedded" />
    </>
  );
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
