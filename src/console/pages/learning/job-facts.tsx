import type { JSX } from 'preact';
import { DetailList } from '../../components/detail-list.js';
import { Section } from '../../components/section.js';
import { Time } from '../../components/time.js';
import { durationText } from '../../format/durations.js';
import { type Job, JobState } from '../../generated/symface/v1/job_service_pb.js';

/** Who asked for a job and when, and how long it took. */
export function JobFacts({ job }: { readonly job: Job }): JSX.Element {
  const { actor, createTime, startTime, endTime, attempt } = job;
  const tookMs = startTime === '' || endTime === '' ? undefined : Date.parse(endTime) - Date.parse(startTime);
  return (
    <Section title="The job">
      <DetailList
        details={[
          [
            'Asked for',
            <>
              <Time value={createTime} /> by {actor}
            </>,
          ],
          startTime === '' ? undefined : ['Began', <Time value={startTime} />],
          endTime === '' ? undefined : ['Ended', <Time value={endTime} />],
          tookMs === undefined ? undefined : ['Took', durationText(tookMs)],
          attempt > 1 ? ['Attempt', `${attempt}: it went on where the one before it had ended`] : undefined,
        ]}
      />
      {job.state === JobState.QUEUED && (
        <p class="notice">
          It waits for a worker: one that does something else, or that is not running. The gateway works on
          jobs itself unless <code>SYMFACE_JOBS</code> says otherwise; <code>symface worker</code> starts
          another.
        </p>
      )}
    </Section>
  );
}
