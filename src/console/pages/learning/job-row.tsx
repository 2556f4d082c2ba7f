import type { JSX } from 'preact';
import { addressOf } from '../../app/route.js';
import { Progress } from '../../components/progress.js';
import { Time } from '../../components/time.js';
import { idIn } from '../../format/names.js';
import { type Job, JobState } from '../../generated/symface/v1/job_service_pb.js';
import { JobStateTag } from './job-state.js';
import { kindNames, modelOf, progressOf } from './job-words.js';
import { useJob } from '../../api/use-job.js';

interface JobRowProps {
  readonly listed: Job;
  /** Whether the row changes with the job. */
  readonly isFollowed: boolean;
}

/** A job in the list. */
export function JobRow({ listed, isFollowed }: JobRowProps): JSX.Element {
  const { value: job = listed } = useJob(isFollowed ? listed.name : '');
  const { phase, done, total, unit } = progressOf(job);
  return (
    <tr>
      <td>
        <a href={addressOf('learning', 'jobs', idIn(job.name))}>{kindNames[job.kind]}</a>
      </td>
      <td>
        <JobStateTag job={job} />
        {job.state === JobState.RUNNING && (
          <>
            <span class="muted"> {phase}</span>
            {total > 0 && <Progress label={phase} done={done} total={total} unit={unit} />}
          </>
        )}
      </td>
      <td>{modelOf(job)}</td>
      <td>
        <Time value={job.createTime} />
        <div class="muted">by {job.actor}</div>
      </td>
    </tr>
  );
}
