import type { JSX } from 'preact';
import { callFailure } from '../../api/failure.js';
import { useClient } from '../../api/session.js';
import { useLoaded } from '../../api/use-loaded.js';
import { addressOf } from '../../app/route.js';
import { Loading } from '../../components/loading.js';
import { PageFrame } from '../../components/page-frame.js';
import { type TrainingSchedule, TrainingService } from '../../generated/symface/v1/training_service_pb.js';
import { ScheduleForm } from './schedule-form.js';
import { ScheduleState } from './schedule-state.js';

interface Loaded {
  readonly schedule: TrainingSchedule | undefined;
}

/** When retrainings are queued without anybody asking. */
export function ScheduleView(): JSX.Element {
  const trainings = useClient(TrainingService);
  const loaded = useLoaded<Loaded>(
    async (signal) => {
      try {
        return { schedule: (await trainings.getTrainingSchedule({}, { signal })).trainingSchedule };
      } catch (error) {
        if (callFailure(error)?.reason === 'SCHEDULE_NOT_FOUND') return { schedule: undefined };
        throw error;
      }
    },
    [trainings],
  );
  return (
    <PageFrame
      title="Schedule"
      lead={
        <>
          <a href={addressOf('learning')}>All jobs</a> · When retrainings of the backbone that serves are
          queued without anybody asking.
        </>
      }
    >
      <Loading loaded={loaded}>
        {({ schedule }) => (
          <>
            <ScheduleState schedule={schedule} onRemoved={loaded.reload} />
            <ScheduleForm key={schedule?.updateTime ?? 'none'} schedule={schedule} onSaved={loaded.reload} />
          </>
        )}
      </Loading>
    </PageFrame>
  );
}
