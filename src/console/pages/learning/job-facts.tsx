import type { JSX } from 'preact';
import { DetailList } from '../../components/detail-list.js';
import { Section } from '../../components/section.js';
import { Time } from '../../components/time.js';
import { durationText } from '../../format/durations.js';
import type { Job } from '../../generated/symface/v1/job_service_pb.js';

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
    </Section>
  );
}
