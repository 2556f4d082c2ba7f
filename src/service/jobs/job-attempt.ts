import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../core/failure.js';
import { isDatabaseDown } from '../platform/database/is-database-down.js';
import type { Transaction } from '../platform/database/database.js';
import type { Json } from './job.js';
import type { JobLease, JobQueue } from './job-queue.js';
import { stopReasons } from './stop-reasons.js';

/** What a job's work is given. */
export interface JobContext {
  /**
   * The signal that the job was cancelled, that another worker has it or that this process ends: keep what is done, and
   * return or throw.
   */
  readonly signal: AbortSignal;
  /** Reports the progress, which is recorded with the next heartbeat. */
  readonly report: (progress: Json) => void;
  /** What was asked for is done, with this output: whatever stops the work from now on, the job has succeeded. */
  readonly succeed: (output: Json) => void;
  /**
   * Asks, before what must not be done twice, whether the job is still this attempt's: a process that was frozen goes on where
   * it stood, and hears of it only then. Within a transaction the job stays so until its end.
   * @throws Failure WORKER_LOST, DATABASE_UNAVAILABLE
   */
  readonly requireHeld: (sql?: Transaction) => Promise<void>;
}

/** One attempt at a job: keeps its lease alive while the work goes on, and stops the work where the lease is lost. */
export class JobAttempt {
  private readonly stopping = new AbortController();
  private heldUntilMs: number;
  private progress: Json | undefined;
  private succeededWith: Json | undefined;

  /** @param claimedAtMs when the claim was asked for, by `performance.now()` */
  constructor(
    private readonly queue: Pick<JobQueue, 'heartbeat' | 'isHeld'>,
    readonly claim: JobLease,
    claimedAtMs: number,
    private readonly heartbeatEveryMs: number,
  ) {
    this.heldUntilMs = claimedAtMs + claim.leaseMs;
  }

  get signal(): AbortSignal {
    return this.stopping.signal;
  }

  /** The output of a job that has succeeded, although its work may go on. */
  get output(): Json | undefined {
    return this.succeededWith;
  }

  stop(reason?: Failure): void {
    this.stopping.abort(reason);
  }

  /** The work has returned this. What was stopped and returned is unfinished. */
  finish(output: Json): void {
    if (!this.signal.aborted) this.succeededWith ??= output;
  }

  readonly context: JobContext = {
    signal: this.signal,
    report: (progress) => {
      this.progress = progress;
    },
    succeed: (output) => {
      this.succeededWith = output;
    },
    requireHeld: async (sql) => {
      if (!(await this.queue.isHeld(this.claim, sql))) this.stop(stopReasons.lost());
      this.signal.throwIfAborted();
    },
  };

  /** Renews the lease again and again until the work has come to its end. */
  async whileHeld(work: () => Promise<void>): Promise<void> {
    const beat = setInterval(() => void this.beat(), this.heartbeatEveryMs);
    try {
      await work();
    } finally {
      clearInterval(beat);
    }
  }

  /** Records the last progress, which no heartbeat has brought yet; undefined where there is none. */
  unrecordedProgress(): (() => Promise<unknown>) | undefined {
    const { progress } = this;
    return progress === undefined ? undefined : async () => this.queue.heartbeat(this.claim, progress);
  }

  /** Tries again as long as the job is this worker's: what the work came to must not be lost to a database's restart. */
  async insist<T>(record: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await record();
      } catch (error) {
        if (!isDatabaseDown(error) || performance.now() > this.heldUntilMs) throw error;
        await sleep(this.heartbeatEveryMs);
      }
    }
  }

  private async beat(): Promise<void> {
    const askedAtMs = performance.now();
    try {
      const state = await this.queue.heartbeat(this.claim, this.progress);
      if (state === 'held') this.heldUntilMs = askedAtMs + this.claim.leaseMs;
      else this.stop(stopReasons[state]());
    } catch {
      // Once the lease is over another worker may have it, and two must not write the same checkpoints.
      if (performance.now() > this.heldUntilMs) {
        this.stop(new Failure('DATABASE_UNAVAILABLE', 'The lease could not be renewed in time.'));
      }
    }
  }
}
