import type { JSX } from 'preact';
import { isOpen, progressOf } from '../format/job-words.js';
import { type Job, JobState } from '../generated/symface/v1/job_service_pb.js';
import { Progress } from './progress.js';
import { QueuedNotice } from './queued-notice.js';
import { useTimeLeft } from './use-time-left.js';

/** What a job of any kind does now, how far it is and about how long that goes on; nothing of one that has ended. */
export function JobProgress({ job }: { readonly job: Job }): JSX.Element | null {
  const progress = progressOf(job);
  const left = useTimeLeft(progress);
  if (!isOpen(job)) return null;
  const { phase, done, total, unit } = progress;
  return (
    <>
      <QueuedNotice job={job} />
      {job.state !== JobState.QUEUED && (
        <>
          <p role="status">{job.cancelRequested ? 'It is being cancelled' : phase || 'Beginning'} …</p>
          <Progress label={phase || 'Beginning'} done={done} total={total} unit={unit} />
          <p class="muted">{left}</p>
        </>
      )}
    </>
  );
}
