import type { JSX } from 'preact';
import { type Job, JobState } from '../../generated/symface/v1/job_service_pb.js';
import { outcomeOf, stateNames } from '../../format/job-words.js';

const stateTags: Readonly<Partial<Record<JobState, string>>> = {
  [JobState.SUCCEEDED]: 'tag-good',
  [JobState.FAILED]: 'tag-bad',
  [JobState.RUNNING]: 'tag-warning',
};

/** The state of a job, and what came of it where that is more than success. */
export function JobStateTag({ job }: { readonly job: Job }): JSX.Element {
  const outcome = outcomeOf(job);
  const tag = outcome === 'rejected' ? 'tag-bad' : (stateTags[job.state] ?? '');
  const isStopping = job.cancelRequested && job.endTime === '';
  return (
    <span class={`tag ${outcome === 'nothing to gain' ? '' : tag}`}>
      {isStopping ? 'being cancelled' : outcome === '' ? stateNames[job.state] : outcome}
    </span>
  );
}
