import type { TrainingSchedule__Output } from '../../generated/symface/v1/TrainingSchedule.js';
import type { TrainingScheduleOutcome__Output } from '../../generated/symface/v1/TrainingScheduleOutcome.js';
import { idIn } from '../enrolment-names.js';
import { errorLine } from './error-line.js';
import { shortTime } from './table.js';

/** The schedule for people. Times are UTC. */
export function trainingScheduleLines(schedule: TrainingSchedule__Output): readonly string[] {
  const { cron, timeZone, afterNewFaces, newFaceCount, nextTime, lastOutcome, policy } = schedule;
  const settings = Object.entries(policy ?? {})
    .filter(([, value]) => value !== 'TRAINING_LOSS_UNSPECIFIED' && value !== false)
    .map(([name, value]) => `${name} ${String(value).replace('TRAINING_LOSS_', '').toLowerCase()}`);
  return [
    ...(cron === '' ? [] : [`at        "${cron}" in ${timeZone}, next ${shortTime(nextTime)} UTC`]),
    ...(afterNewFaces === 0
      ? []
      : [`after     ${afterNewFaces} new faces; there are ${newFaceCount} since the last training`]),
    `policy    ${settings.length === 0 ? 'as by default' : settings.join(', ')}`,
    ...(schedule.activateWhenPassed ? ['then      what passes is activated'] : []),
    `set       ${shortTime(schedule.updateTime)} UTC by ${schedule.actor}`,
    `last      ${lastOutcome === null ? 'nothing was due yet' : outcomeText(lastOutcome)}`,
  ];
}

function outcomeText({ time, job, error }: TrainingScheduleOutcome__Output): string {
  const when = `${shortTime(time)} UTC:`;
  if (error === null) return `${when} queued ${idIn(job)}`;
  return `${when} ${errorLine(error)}`;
}
