import type { Caller } from '../../access/caller.js';
import { Failure, type FieldViolation } from '../../../core/failure.js';
import { retrainingPolicy } from '../retraining/retraining-policy.js';
import type { TrainingSchedule, TrainingScheduleSettings } from './training-schedule.js';
import { nextDueTime } from './next-due-time.js';
import type { TrainingScheduleStore } from './training-schedule.store.js';

const mostNewFaces = 1e9;

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
    const { cron, timeZone, afterNewFaces, policy } = settings;
    retrainingPolicy(policy);
    if (cron === undefined && afterNewFaces === undefined) {
      const description = 'or after_new_faces must say when to train';
      throw invalid([{ field: 'cron', description }]);
    }
    if (afterNewFaces !== undefined && !isCount(afterNewFaces)) {
      const description = `must be a whole number from 1 to ${mostNewFaces}`;
      throw invalid([{ field: 'after_new_faces', description }]);
    }
    return this.store.put(settings, caller, (now) => {
      if (cron === undefined) return undefined;
      const next = nextDueTime(cron, timeZone, now);
      if (next !== undefined) return next;
      throw invalid([{ field: 'cron', description: 'names a time that never comes' }]);
    });
  }

  /** @throws Failure SCHEDULE_NOT_FOUND */
  async remove(caller: Caller): Promise<void> {
    if (!(await this.store.remove(caller))) throwNotFound();
  }
}

function isCount(value: number): boolean {
  return Number.isInteger(value) && value >= 1 && value <= mostNewFaces;
}

function invalid(violations: readonly [FieldViolation]): Failure {
  const [{ field, description }] = violations;
  return new Failure('INVALID_ARGUMENT', `${field} ${description}.`, { field }, violations);
}

function throwNotFound(): never {
  throw new Failure('SCHEDULE_NOT_FOUND', 'No training is scheduled.');
}
