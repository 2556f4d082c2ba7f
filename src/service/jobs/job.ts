import type { JobKind } from '../platform/configuration/job-kinds.js';
import type { Requester } from '../access/caller.js';
import type { FailureReason } from '../../core/failure.js';
import type { FailureRecord } from '../../core/failure-record.js';

export const jobStates = ['queued', 'running', 'succeeded', 'failed', 'cancelled'] as const;
/** Queued, then running, perhaps several times; the others are for good. */
export type JobState = (typeof jobStates)[number];

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** How often a job is tried. Attempts that are given back, as by a shutdown, do not count. */
export interface RetryPolicy {
  readonly maximumAttempts: number;
  /** The delay after the first failure; each further one doubles it. */
  readonly firstDelayMs: number;
  readonly maximumDelayMs: number;
}

export const defaultRetryPolicy: RetryPolicy = {
  maximumAttempts: 5,
  firstDelayMs: 10_000,
  maximumDelayMs: 15 * 60_000,
};

/** Work that outlives the process that asked for it. */
export interface Job {
  readonly id: string;
  readonly kind: JobKind;
  /** The key of which one job of the kind at most is queued or running. */
  readonly singletonKey: string | undefined;
  /** The one who asked for it. */
  readonly requester: Requester;
  readonly input: Json;
  readonly state: JobState;
  /**
   * The number of the attempt that runs or ran last, 0 before the first. It is never the same for two workers.
   */
  readonly attempt: number;
  readonly failedAttempts: number;
  readonly retry: RetryPolicy;
  /** What its worker said last; kept over attempts. */
  readonly progress: Json;
  readonly output: Json;
  /** The failure of the last attempt that failed. */
  readonly failure: FailureRecord | undefined;
  readonly cancelRequested: boolean;
  readonly createTime: Date;
  /** The time before which it is not tried. */
  readonly dueTime: Date;
  /** The time at which the last attempt began. */
  readonly startTime: Date | undefined;
  readonly endTime: Date | undefined;
}

const passingReasons: ReadonlySet<FailureReason> = new Set([
  'DATABASE_UNAVAILABLE',
  'ENCRYPTION_KEY_UNKNOWN',
  'STORAGE_FULL',
  'OUT_OF_MEMORY',
  'OVERLOADED',
  'SHUTTING_DOWN',
  'WORKER_LOST',
  'NO_WORKER',
]);

/** Whether another attempt may end otherwise: bad input stays bad, and a defect may be one of the machine's. */
export function isWorthRetrying({ reason }: Pick<FailureRecord, 'reason'>): boolean {
  return reason === undefined || passingReasons.has(reason);
}
