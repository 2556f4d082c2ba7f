import { invalidField } from '../../../core/invalid-field.js';
import type { Caller } from '../../access/caller.js';
import { Failure } from '../../../core/failure.js';
import { retrainingPolicy } from '../retraining/retraining-policy.js';
import type { TrainingSchedule, TrainingScheduleSettings } from './training-schedule.js';
import { nextDueTime } from './next-due-time.js';
import type { TrainingScheduleStore } from './training-schedule.store.js';

const mostNewFaces = 1e9;
/** As many as show the rhythm of an expression. */
const timesShown = 5;

/** The training schedule as an administrator sets it and looks at it. */
export class ManageTrainingSchedule {
  constructor(private readonly store: Pick<TrainingScheduleStore, 'read' | 'put' | 'remove'>) {}

  /** @throws Failure SCHEDULE_NOT_FOUND */
  async get(): Promise<TrainingSchedule> {
    return (await this.store.read()) ?? throwNotFound();
  }

  /**
   * Makes the schedule, or replaces all its settings.
   * @throws Failure INVALID_ARGUMENT naming `cron`, `time_zone`, `after_new_faces` or a field of `policy`
   */
  async put(settings: TrainingScheduleSettings, caller: Caller): Promise<TrainingSchedule> {
    requireSchedule(settings);
    return this.store.put(settings, caller, (now) => nextTimes(settings, now, 1)[0]);
  }

  /**
   * When a schedule with these settings would train: its next times by the clock, at most {@link timesShown}.
   * @throws Failure as {@link put}
   */
  preview(settings: TrainingScheduleSettings): readonly Date[] {
    requireSchedule(settings);
    return nextTimes(settings, new Date(), timesShown);
  }

  /** @throws Failure SCHEDULE_NOT_FOUND */
  async remove(caller: Caller): Promise<void> {
    if (!(await this.store.remove(caller))) throwNotFound();
  }
}

/** @throws Failure INVALID_ARGUMENT naming `after_new_faces`, `cron` or a field of `policy` */
function requireSchedule({ cron, afterNewFaces, policy }: TrainingScheduleSettings): void {
  retrainingPolicy(policy);
  if (cron === undefined && afterNewFaces === undefined) {
    throw invalidField('cron', 'or after_new_faces must say when to train');
  }
  if (afterNewFaces !== undefined && !isCount(afterNewFaces)) {
    throw invalidField('after_new_faces', `must be a whole number from 1 to ${mostNewFaces}`);
  }
}

/**
 * The next times by the clock, none without `cron`.
 * @throws Failure INVALID_ARGUMENT naming `cron` or `time_zone`
 */
function nextTimes(
  { cron, timeZone }: TrainingScheduleSettings,
  after: Date,
  count: number,
): readonly Date[] {
  if (cron === undefined) return [];
  const times: Date[] = [];
  for (let last: Date | undefined = after; times.length < count; times.push(last)) {
    last = nextDueTime(cron, timeZone, last);
    if (last === undefined) break;
  }
  if (times.length > 0) return times;
  throw invalidField('cron', 'names a time that never comes');
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= mostNewFaces;
}

function throwNotFound(): never {
  throw new Failure('SCHEDULE_NOT_FOUND', 'No training is scheduled.');
}
