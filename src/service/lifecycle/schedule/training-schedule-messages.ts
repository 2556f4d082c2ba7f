import type {
  TrainingSchedule as Schedule,
  TrainingScheduleOutcome as Outcome,
  TrainingScheduleSettings,
} from './training-schedule.js';
import type { TrainingSchedule } from '../../../generated/symface/v1/TrainingSchedule.js';
import type { TrainingScheduleOutcome } from '../../../generated/symface/v1/TrainingScheduleOutcome.js';
import type { UpdateTrainingScheduleRequest__Output } from '../../../generated/symface/v1/UpdateTrainingScheduleRequest.js';
import { toErrorMessage } from '../../jobs/job-messages.js';
import { jobName } from '../../platform/grpc/resource-names.js';
import { readPolicy, toPolicyMessage } from '../retraining/training-messages.js';

/** @throws Failure INVALID_ARGUMENT for a loss that this version does not know */
export function readScheduleSettings(
  request: UpdateTrainingScheduleRequest__Output,
): TrainingScheduleSettings {
  const { cron, timeZone, afterNewFaces, policy, activateWhenPassed } = request;
  return {
    cron: cron === '' ? undefined : cron,
    timeZone: timeZone === '' ? 'UTC' : timeZone,
    afterNewFaces: afterNewFaces === 0 ? undefined : afterNewFaces,
    policy: readPolicy(policy),
    activateWhenPassed,
  };
}

export function toScheduleMessage(schedule: Schedule): TrainingSchedule {
  const { lastOutcome } = schedule;
  return {
    cron: schedule.cron ?? '',
    timeZone: schedule.timeZone,
    afterNewFaces: schedule.afterNewFaces ?? 0,
    policy: toPolicyMessage(schedule.policy),
    activateWhenPassed: schedule.activateWhenPassed,
    actor: schedule.actor,
    updateTime: schedule.updateTime.toISOString(),
    nextTime: schedule.nextTime?.toISOString() ?? '',
    newFaceCount: schedule.newFaces,
    lastOutcome: lastOutcome === undefined ? null : toOutcomeMessage(lastOutcome),
  };
}

function toOutcomeMessage({ time, jobId, failure }: Outcome): TrainingScheduleOutcome {
  return {
    time: time.toISOString(),
    job: jobId === undefined ? '' : jobName(jobId),
    error: failure === undefined ? null : toErrorMessage(failure),
  };
}
