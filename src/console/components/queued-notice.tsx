import type { JSX } from 'preact';
import { type Job, JobState } from '../generated/symface/v1/job_service_pb.js';

/** Why a job has not begun; nothing of one that has. */
export function QueuedNotice({ job }: { readonly job: Job }): JSX.Element | null {
  if (job.state !== JobState.QUEUED) return null;
  return (
    <p class="notice">
      It waits for a worker: one that works on another job, or none runs for this kind (
      <code>SYMFACE_QUEUES</code> of the service; <code>symface worker</code> starts another).
    </p>
  );
}
