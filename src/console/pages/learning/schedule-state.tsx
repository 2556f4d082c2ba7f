import type { JSX } from 'preact';
import { useClient } from '../../api/session.js';
import { statusFailure } from '../../api/status-failure.js';
import { useAction } from '../../api/use-action.js';
import { addressOf } from '../../app/route.js';
import { ConfirmButton } from '../../components/confirm-button.js';
import { DetailList } from '../../components/detail-list.js';
import { FailureNotice } from '../../components/failure-notice.js';
import { Section } from '../../components/section.js';
import { Time } from '../../components/time.js';
import { idIn } from '../../format/names.js';
import {
  type TrainingSchedule,
  type TrainingScheduleOutcome,
  TrainingService,
} from '../../generated/symface/v1/training_service_pb.js';
import { policyText } from './policy-text.js';

interface ScheduleStateProps {
  readonly schedule: TrainingSchedule | undefined;
  readonly onRemoved: () => void;
}

/** The schedule that is in force, what came of its last due time, and the way to remove it. */
export function ScheduleState({ schedule, onRemoved }: ScheduleStateProps): JSX.Element {
  const trainings = useClient(TrainingService);
  const remove = useAction(async (signal) => {
    await trainings.deleteTrainingSchedule({}, { signal });
    onRemoved();
  });
  if (schedule === undefined) {
    return (
      <Section title="In force">
        <p>
          Nothing is scheduled: retrainings begin when somebody asks for one. Set a time or a number of faces
          below.
        </p>
      </Section>
    );
  }
  const { cron, timeZone, nextTime, afterNewFaces, newFaceCount, policy, lastOutcome } = schedule;
  return (
    <Section
      title="In force"
      actions={
        <ConfirmButton
          label="Delete"
          question="Delete the schedule?"
          confirm="Delete the schedule"
          keep="Keep it"
          isDisabled={remove.isRunning}
          onConfirm={remove.run}
        >
          <p>Trainings that it has queued stay.</p>
        </ConfirmButton>
      }
    >
      <FailureNotice failure={remove.failure} />
      <DetailList
        details={[
          cron === ''
            ? undefined
            : [
                'By the clock',
                <>
                  <code>{cron}</code> in {timeZone}, next <Time value={nextTime} />
                </>,
              ],
          afterNewFaces === 0
            ? undefined
            : [
                'By faces',
                `after ${afterNewFaces.toLocaleString()} new ones; there are ${newFaceCount.toLocaleString()} since the last training`,
              ],
          ['Settings', policy === undefined ? 'the defaults' : policyText(policy)],
          [
            'Then',
            schedule.activateWhenPassed
              ? 'activated where its assessment passes it'
              : 'assessed, and left to you',
          ],
          [
            'Set',
            <>
              <Time value={schedule.updateTime} /> by {schedule.actor}
            </>,
          ],
          ['Last', lastOutcome === undefined ? 'nothing was due yet' : <Outcome outcome={lastOutcome} />],
        ]}
      />
      <FailureNotice failure={statusFailure(lastOutcome?.error)} />
    </Section>
  );
}

function Outcome({ outcome: { time, job } }: { readonly outcome: TrainingScheduleOutcome }): JSX.Element {
  return (
    <>
      <Time value={time} />:{' '}
      {job === '' ? (
        'no training was queued'
      ) : (
        <a href={addressOf('learning', 'jobs', idIn(job))}>a training was queued</a>
      )}
    </>
  );
}
