import type { Caller } from '../../access/caller.js';
import type { FailureRecord } from '../../../core/failure-record.js';
import type {
  TrainingSchedule,
  TrainingScheduleOutcome,
  TrainingScheduleSettings,
} from './training-schedule.js';
import type { NewJob } from '../../jobs/job-queue.js';

/** What is to come of a due time. */
export interface ScheduleDecision {
  /** What to queue, or why nothing is. */
  readonly training: { readonly job: NewJob } | { readonly failure: FailureRecord };
  /** The next due time by the clock. */
  readonly nextTime: Date | undefined;
  /** Whether new faces are counted from now on also where nothing is queued. */
  readonly countsAnew: boolean;
}

/** The one training schedule that replicas share. Every method may throw Failure DATABASE_UNAVAILABLE. */
export interface TrainingScheduleStore {
  read(): Promise<TrainingSchedule | undefined>;
  /**
   * Makes the schedule or replaces it, and records that; what came of the last due time stays.
   * @param nextTime the first due time after the database's; what it throws changes nothing
   */
  put(
    settings: TrainingScheduleSettings,
    caller: Caller,
    nextTime: (now: Date) => Date | undefined,
  ): Promise<TrainingSchedule>;
  /** Removes the schedule, and records that in the audit log. @returns whether there was one */
  remove(caller: Caller): Promise<boolean>;
  /**
   * Does in one transaction what was decided about a due time. Where the model's line has a training already, that is
   * what came of it.
   * @param revision of the schedule that it was decided on
   * @returns undefined where another has settled it, or the schedule was changed: nothing is done then
   */
  settle(revision: string, decision: ScheduleDecision): Promise<TrainingScheduleOutcome | undefined>;
}
