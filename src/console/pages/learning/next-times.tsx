import type { MessageInitShape } from '@bufbuild/protobuf';
import type { JSX } from 'preact';
import { useClient } from '../../api/session.js';
import { useLoaded } from '../../api/use-loaded.js';
import { FailureNotice } from '../../components/failure-notice.js';
import { Time } from '../../components/time.js';
import {
  TrainingService,
  type UpdateTrainingScheduleRequestSchema,
} from '../../generated/symface/v1/training_service_pb.js';
import { useSettled } from './use-settled.js';

type Settings = MessageInitShape<typeof UpdateTrainingScheduleRequestSchema> & {
  readonly cron: string;
  readonly timeZone: string;
  readonly afterNewFaces: number;
};

/** When a schedule would train next, as the service reads it, or what is wrong with it. */
export function NextTimes({ settings }: { readonly settings: Settings }): JSX.Element {
  const trainings = useClient(TrainingService);
  const settled = useSettled(settings);
  const isEmpty = settled.cron === '' && settled.afterNewFaces === 0;
  const { value, failure } = useLoaded<readonly string[]>(
    async (signal) => {
      if (isEmpty) return [];
      const { nextTimes } = await trainings.updateTrainingSchedule(
        { ...settled, validateOnly: true },
        { signal },
      );
      return nextTimes;
    },
    [trainings, settled],
  );
  return (
    <div class="next-times" role="status">
      <FailureNotice failure={failure} />
      {failure === undefined && value !== undefined && value.length > 0 && (
        <>
          <p>Next, in {settled.timeZone}:</p>
          <ol>
            {value.map((time) => (
              <li key={time}>
                <Time value={time} timeZone={settled.timeZone} />
              </li>
            ))}
          </ol>
        </>
      )}
    </div>
  );
}
