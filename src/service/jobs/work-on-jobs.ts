import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../core/failure.js';
import { type FailureRecord, toRecord } from '../../core/failure-record.js';
import type { Job, Json } from './job.js';
import type { JobKind } from '../platform/configuration/job-kinds.js';
import type { JobLease, JobQueue } from './job-queue.js';

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
}

/** Does a job and says what came of it. A Failure or any other error that it throws ends the attempt. */
export type JobHandler = (job: Job, context: JobContext) => Promise<Json>;

interface WorkOnJobsParts {
  readonly queue: JobQueue;
  readonly work: Readonly<Partial<Record<JobKind, JobHandler>>>;
  /** Is told of defects, and of a database that does not answer. */
  readonly onDefect: (error: unknown) => void;
  readonly timing?: WorkTiming;
}

interface WorkTiming {
  /** How long a job stays this worker's without a heartbeat; then another goes on. */
  readonly leaseMs: number;
  readonly heartbeatEveryMs: number;
  /** How often an idle worker looks for a job. */
  readonly lookEveryMs: number;
  readonly forgetEndedAfterMs: number;
}

const defaultTiming: WorkTiming = {
  leaseMs: 30_000,
  heartbeatEveryMs: 2_000,
  lookEveryMs: 2_000,
  forgetEndedAfterMs: 90 * 24 * 60 * 60 * 1000,
};

/** One attempt in hand. */
interface Attempt {
  readonly claim: JobLease;
  readonly stop: AbortController;
  progress: Json | undefined;
  /** The output of a job that has succeeded although its work goes on. */
  output: Json | undefined;
  heldUntilMs: number;
}

/** Works on the jobs of one queue, one after the other, beside any number of other workers. */
export class WorkOnJobs {
  private readonly worker = randomUUID();
  private readonly timing: WorkTiming;
  private readonly closing = new AbortController();
  private working: Promise<void> | undefined;
  private attempt: Attempt | undefined;
  private rest = new AbortController();

  constructor(private readonly parts: WorkOnJobsParts) {
    this.timing = parts.timing ?? defaultTiming;
  }

  start(): void {
    this.working ??= this.workUntilClosed();
  }

  /** Looks for a job now, since one was just queued. */
  wake(): void {
    this.rest.abort();
  }

  /** Stops the job in hand and gives it back: another worker goes on with it. */
  async close(): Promise<void> {
    this.closing.abort();
    this.wake();
    this.attempt?.stop.abort(new Failure('SHUTTING_DOWN', 'The worker is shutting down.'));
    await this.working;
  }

  private async workUntilClosed(): Promise<void> {
    await this.undisturbed(() => this.parts.queue.removeEnded(this.timing.forgetEndedAfterMs));
    while (!this.closing.signal.aborted) {
      this.rest = new AbortController();
      if (await this.undisturbed(() => this.workOnNext())) continue;
      await sleep(this.timing.lookEveryMs, undefined, { signal: this.rest.signal }).catch(() => undefined);
    }
  }

  /** Does a step of the loop, which goes on where the database does not answer: it will later. */
  private async undisturbed<T>(step: () => Promise<T>): Promise<T | undefined> {
    return step().catch((error: unknown) => {
      this.parts.onDefect(error);
      return undefined;
    });
  }

  /** @returns whether there was one */
  private async workOnNext(): Promise<boolean> {
    const { queue, work } = this.parts;
    const { leaseMs } = this.timing;
    const askedAtMs = performance.now();
    const claimed = await queue.claim(Object.keys(work) as JobKind[], this.worker, leaseMs);
    if (claimed === undefined) return false;
    const { job, claim } = claimed;
    const attempt: Attempt = {
      claim,
      stop: new AbortController(),
      progress: undefined,
      output: undefined,
      heldUntilMs: askedAtMs + leaseMs,
    };
    this.attempt = attempt;
    if (this.closing.signal.aborted) attempt.stop.abort();
    const beat = setInterval(() => void this.beat(attempt), this.timing.heartbeatEveryMs);
    try {
      await this.settle(job, attempt);
    } finally {
      clearInterval(beat);
      this.attempt = undefined;
    }
    return true;
  }

  private async settle(job: Job, attempt: Attempt): Promise<void> {
    const { queue } = this.parts;
    const { claim, stop } = attempt;
    const failure = await this.workOn(job, attempt);
    await this.flush(attempt);
    if (attempt.output !== undefined) await queue.complete(claim, attempt.output);
    else if (failure === undefined || stop.signal.aborted) await queue.release(claim);
    else await queue.fail(claim, failure);
  }

  /** @returns why it failed; nothing where it did not, or was stopped */
  private async workOn(job: Job, attempt: Attempt): Promise<FailureRecord | undefined> {
    const { signal } = attempt.stop;
    const context: JobContext = {
      signal,
      report: (progress) => {
        attempt.progress = progress;
      },
      succeed: (output) => {
        attempt.output = output;
      },
    };
    try {
      signal.throwIfAborted();
      const output = (await this.parts.work[job.kind]?.(job, context)) ?? null;
      // Stopped work that returned is unfinished work.
      if (!signal.aborted) attempt.output ??= output;
      return undefined;
    } catch (error) {
      return signal.aborted ? undefined : this.failureOf(error);
    }
  }

  private async beat(attempt: Attempt): Promise<void> {
    const askedAtMs = performance.now();
    try {
      const state = await this.parts.queue.heartbeat(attempt.claim, attempt.progress);
      if (state === 'held') attempt.heldUntilMs = askedAtMs + attempt.claim.leaseMs;
      else attempt.stop.abort(new Failure('CANCELLED', 'The job was cancelled, or another worker has it.'));
    } catch {
      // Once the lease is over another worker may have it, and two must not write the same checkpoints.
      if (performance.now() > attempt.heldUntilMs) {
        attempt.stop.abort(new Failure('DATABASE_UNAVAILABLE', 'The lease could not be renewed in time.'));
      }
    }
  }

  /** Records the last progress, which no heartbeat has brought yet. */
  private async flush({ claim, progress }: Attempt): Promise<void> {
    if (progress !== undefined) await this.undisturbed(() => this.parts.queue.heartbeat(claim, progress));
  }

  private failureOf(error: unknown): FailureRecord {
    if (error instanceof Failure) return toRecord(error);
    this.parts.onDefect(error);
    return { message: 'Internal error; the log of the worker has the reason.' };
  }
}
