import type { JSX } from 'preact';
import { useClient } from '../api/session.js';
import { useAction } from '../api/use-action.js';
import { isOpen, kindNames } from '../format/job-words.js';
import { type Job, JobKind, JobService } from '../generated/symface/v1/job_service_pb.js';
import { ConfirmButton } from './confirm-button.js';
import { FailureNotice } from './failure-notice.js';

const lostByCancelling: Readonly<Record<JobKind, string>> = {
  [JobKind.UNSPECIFIED]: 'Nothing of it is kept.',
  [JobKind.TRAINING]: 'Nothing of what it learnt is kept, and what serves stays as it is.',
  [JobKind.ASSESSMENT]: 'There is no verdict then: the candidate stays a candidate.',
  [JobKind.ACTIVATION]:
    'What serves now goes on serving. Faces that were embedded already are not embedded again next time.',
  [JobKind.BENCHMARK]: 'There is no report then.',
  [JobKind.KEY_ROTATION]:
    'What the new key has sealed stays, and the old keys stay as well, until another rotation is run to its end.',
  [JobKind.INDEXING]: 'Nothing of an index that is not finished is kept. Exact search goes on.',
};

/** Cancels a job once that is confirmed, having said what is lost; nothing of one that has ended or is being cancelled. */
export function CancelJobButton({ job }: { readonly job: Job }): JSX.Element {
  const jobs = useClient(JobService);
  const cancel = useAction(async (signal) => {
    await jobs.cancelJob({ name: job.name }, { signal });
  });
  const kind = kindNames[job.kind].toLowerCase();
  return (
    <>
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
      <FailureNotice failure={cancel.failure} />
    </>
  );
}
