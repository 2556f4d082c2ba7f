import type { Requester } from '../access/caller.js';
import type { FailureRecord } from '../../core/failure-record.js';
import type { Job, JobState, Json, RetryPolicy } from './job.js';
import type { JobKind } from '../platform/configuration/job-kinds.js';
import type { PageQuery } from '../platform/page.js';

export interface NewJob {
  readonly kind: JobKind;
  readonly input: Json;
  /** Who asks for it. */
  readonly requester: Requester;
  /** Recorded in the audit log beside who asked: counts and settings. */
  readonly details: Readonly<Record<string, string>>;
  /** For example a model line, of which one training at a time is wanted. */
  readonly singletonKey?: string;
  readonly retry?: RetryPolicy;
  /** Not before so long from now. */
  readonly delayMs?: number;
}

/** Of which jobs alone. */
export interface JobSelection {
  readonly kind?: JobKind;
  readonly state?: JobState;
  readonly singletonKey?: string;
  /** Id of a version that the job was asked to do something with. */
  readonly modelVersion?: string;
}

/** The right to work on a job, until the lease is over or another attempt has begun. */
export interface JobClaim {
  readonly jobId: string;
  readonly attempt: number;
  readonly leaseMs: number;
}

/** `cancelled`: stop and release it; `lost`: stop, it is another's or has ended. */
export type ClaimState = 'held' | 'cancelled' | 'lost';

/**
 * Jobs that replicas and workers share. Durable; all times are the database's. What an outdated claim asks for is not
 * done. Every method may throw Failure DATABASE_UNAVAILABLE.
 */
export interface JobQueue {
  /**
   * Queues it and records that in the audit log, in one transaction.
   * @throws Failure JOB_ALREADY_ACTIVE with the `job_id` of the one that has the singleton key
   */
  enqueue(job: NewJob): Promise<Job>;
  /** The job of these kinds that is due longest and the right to it; undefined where there is none. */
  claim(
    kinds: readonly JobKind[],
    worker: string,
    leaseMs: number,
  ): Promise<{ readonly job: Job; readonly claim: JobClaim } | undefined>;
  /** Renews the lease and, where given, records the progress. */
  heartbeat(claim: JobClaim, progress?: Json): Promise<ClaimState>;
  /** @returns whether the claim was held */
  complete(claim: JobClaim, output: Json): Promise<boolean>;
  /** Ends the attempt; the job too where it is not worth retrying or attempts are used up. @returns whether held */
  fail(claim: JobClaim, failure: FailureRecord): Promise<boolean>;
  /** Gives it back to be gone on with at once, or ends it where it was cancelled. @returns whether held */
  release(claim: JobClaim): Promise<boolean>;
  /**
   * Ends it at once where it is queued; tells its worker where it runs; does nothing where it ended. What it does it
   * records in the audit log, in the same transaction.
   * @throws Failure JOB_NOT_FOUND
   */
  cancel(id: string, requester: Requester): Promise<Job>;
  /** @throws Failure JOB_NOT_FOUND */
  get(id: string): Promise<Job>;
  /** Newest first; the page key is the creation time and the id. */
  list(query: PageQuery, only?: JobSelection): Promise<readonly Job[]>;
  /** Forgets those that ended so long ago, but for assessments: they say why a model serves. @returns how many */
  removeEnded(olderThanMs: number): Promise<number>;
}

/** What {@link JobQueue.list} goes by. */
export function jobOrderKey({ createTime, id }: Pick<Job, 'createTime' | 'id'>): string {
  return `${createTime.toISOString()} ${id}`;
}
