import type { JSX } from 'preact';
import { useJob } from '../../api/use-job.js';
import { Progress } from '../../components/progress.js';
import { type Job, JobState } from '../../generated/symface/v1/job_service_pb.js';
import { JobStateTag } from './job-state.js';
import { progressOf } from '../../format/job-words.js';

interface JobStandingProps {
  readonly listed: Job;
  /** Whether it changes with the job. */
  readonly isFollowed: boolean;
}

/** Where a job of the list is: its state, and of one that runs what it does and how far that is. */
export function JobStanding({ listed, isFollowed }: JobStandingProps): JSX.Element {
  const { value: job = listed } = useJob(isFollowed ? listed.name : '');
  const { phase, done, total, unit } = progressOf(job);
  return (
    <>
      <JobStateTag job={job} />
      {job.state === JobState.RUNNING && (
        <>
          <span class="muted"> {phase}</span>
          {total > 0 && <Progress label={phase} done={done} total={total} unit={unit} />}
        </>
      )}
    </>
  );
}
