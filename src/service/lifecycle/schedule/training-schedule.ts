import type { FailureRecord } from '../../../core/failure-record.js';
import type { RetrainingPolicy } from '../retraining/retraining-policy.js';

/**
 * The rule by which trainings are queued without anybody asking. At least one of `cron` and `afterNewFaces` is set.
 */
export interface TrainingScheduleSettings {
  /** Minute, hour, day of month, month and day of week, or a nickname such as `@weekly`. */
  readonly cron: string | undefined;
  /** The time zone that `cron` is read in, a name of the IANA database. */
  readonly timeZone: string;
  /**
   * How many faces of consenting subjects must be enrolled after the last training was asked for to queue the next one.
   */
  readonly afterNewFaces: number | undefined;
  /** What differs from the default policy. */
  readonly policy: Partial<RetrainingPolicy>;
  readonly activateWhenPassed: boolean;
}

/** What came of the last due time: a queued training, or why there is none. */
export interface TrainingScheduleOutcome {
  readonly time: Date;
  readonly jobId: string | undefined;
  readonly failure: FailureRecord | undefined;
}

/** A schedule as it was at `readTime`. All times are the database's. */
export interface TrainingSchedule extends TrainingScheduleSettings {
  /** The revision of the schedule, another one after each change and each due time. */
  readonly revision: string;
  /** The one who set it. */
  readonly actor: string;
  readonly updateTime: Date;
  /** The next due time by `cron`; in the past where it has come and nobody has seen to it yet. */
  readonly nextTime: Date | undefined;
  /** Faces that count for `afterNewFaces`; 0 where that is not set. */
  readonly newFaces: number;
  readonly lastOutcome: TrainingScheduleOutcome | undefined;
  readonly readTime: Date;
}

/** The one who asks for the trainings that the schedule brings. */
export const scheduleActor = 'schedule';

export interface Dueness {
  readonly byTime: boolean;
  readonly byFaces: boolean;
}

export function dueness({ nextTime, readTime, afterNewFaces, newFaces }: TrainingSchedule): Dueness {
  return {
    byTime: nextTime !== undefined && nextTime <= readTime,
    byFaces: afterNewFaces !== undefined && newFaces >= afterNewFaces,
  };
}
