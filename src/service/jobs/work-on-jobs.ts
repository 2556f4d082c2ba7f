import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../core/failure.js';
import { isDatabaseDown } from '../platform/database/is-database-down.js';
import { type FailureRecord, toRecord } from '../../core/failure-record.js';
import type { Job, Json } from './job.js';
import type { JobKind } from '../platform/configuration/job-kinds.js';
import type { JobLease, JobQueue } from './job-queue.js';
import type { Transaction } from '../platform/database/database.js';
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

/** Does a job and says what came of it. A Failure or any other error that it throws ends the attempt. */
export type JobHandler = (job: Job, context: JobContext) => Promise<Json>;

/** What a worker does beside the work itself, and after it. */
type JobStep =
  | 'forget jobs that ended long ago'
  | 'take jobs from lost workers'
  | 'remove what a job has left'
  | 'claim a job'
  | 'work'
  | 'finish up after success'
  | 'record the progress'
  | 'record the end';

/** Where an error came up. */
export interface JobDefectPlace {
  readonly step: JobStep;
  /** The job in hand, if any. */
  readonly jobId: string | undefined;
}

interface WorkOnJobsParts {
  readonly queue: Pick<
    JobQueue,
    | 'get'
    | 'takeFromLostWorkers'
    | 'claim'
    | 'heartbeat'
    | 'isHeld'
    | 'complete'
    | 'fail'
    | 'release'
    | 'removeEnded'
  >;
  readonly work: Readonly<Partial<Record<JobKind, JobHandler>>>;
  /** Removes what a job of any kind has left that has ended. It may be done twice. */
  readonly removeLeft?: (job: Job) => Promise<void>;
  /** Is told of defects, and of a database that does not answer: of that once until it does, and of each end unrecorded. */
  readonly onDefect: (error: unknown, place: JobDefectPlace) => void;
  readonly timing?: WorkTiming;
}

interface WorkTiming {
  /** How long a job stays this worker's without a heartbeat; then another goes on. */
  readonly leaseMs: number;
  readonly heartbeatEveryMs: number;
  /** How often an idle worker looks for a job. */
  readonly lookEveryMs: number;
  readonly forgetEndedAfterMs: number;
  /** How often it is looked for those: a service may run for longer than they are kept. */
  readonly forgetEveryMs: number;
}

const defaultTiming: WorkTiming = {
  leaseMs: 30_000,
  heartbeatEveryMs: 2_000,
  lookEveryMs: 2_000,
  forgetEndedAfterMs: 90 * 24 * 60 * 60 * 1000,
  forgetEveryMs: 60 * 60 * 1000,
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
  private isDatabaseKnownDown = false;
  private forgetsAtMs = -Infinity;

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

  /** Whether a job is worked on, which takes its time to be given back. */
  get hasJobInHand(): boolean {
    return this.attempt !== undefined;
  }

  /** Stops the job in hand and gives it back: another worker goes on with it. */
  async close(): Promise<void> {
    this.closing.abort();
    this.wake();
    this.attempt?.stop.abort(new Failure('SHUTTING_DOWN', 'The worker is shutting down.'));
    await this.working;
  }

  private async workUntilClosed(): Promise<void> {
    while (!this.closing.signal.aborted) {
      this.rest = new AbortController();
      await this.forgetEnded();
      await this.takeFromLostWorkers();
      if (await this.workOnNext()) continue;
      await sleep(this.timing.lookEveryMs, undefined, { signal: this.rest.signal }).catch(() => undefined);
    }
  }

  private async forgetEnded(): Promise<void> {
    const { forgetEndedAfterMs, forgetEveryMs } = this.timing;
    if (performance.now() < this.forgetsAtMs) return;
    this.forgetsAtMs = performance.now() + forgetEveryMs;
    await this.undisturbed('forget jobs that ended long ago', () =>
      this.parts.queue.removeEnded(forgetEndedAfterMs),
    );
  }

  /** Does a step of the loop, which goes on where the database does not answer: it will later. */
  private async undisturbed<T>(step: JobStep, act: () => Promise<T>, jobId?: string): Promise<T | undefined> {
    try {
      const result = await act();
      this.isDatabaseKnownDown = false;
      return result;
    } catch (error) {
      const isDown = isDatabaseDown(error);
      const isNews = !isDown || !this.isDatabaseKnownDown || step === 'record the end';
      if (isNews) this.parts.onDefect(error, { step, jobId });
      this.isDatabaseKnownDown = isDown;
      return undefined;
    }
  }

  private async takeFromLostWorkers(): Promise<void> {
    const { queue } = this.parts;
    const ended = await this.undisturbed('take jobs from lost workers', () => queue.takeFromLostWorkers());
    for (const job of ended ?? []) await this.removeLeft(async () => Promise.resolve(job), job.id);
  }

  /** Does nothing where the job goes on: it was given back, or is tried again, unless it was cancelled meanwhile. */
  private async removeLeft(read: () => Promise<Job>, jobId: string): Promise<void> {
    const remove = async (): Promise<void> => {
      const job = await read();
      if (job.endTime !== undefined) await this.parts.removeLeft?.(job);
    };
    await this.undisturbed('remove what a job has left', remove, jobId);
  }

  /** @returns whether there was one */
  private async workOnNext(): Promise<boolean> {
    const { queue, work } = this.parts;
    const { leaseMs } = this.timing;
    const askedAtMs = performance.now();
    const claimed = await this.undisturbed('claim a job', () =>
      queue.claim(Object.keys(work) as JobKind[], this.worker, leaseMs),
    );
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
    const { output } = attempt;
    const isRecorded = await this.undisturbed(
      'record the end',
      async () => {
        if (output !== undefined) await this.insist(attempt, async () => queue.complete(claim, output));
        else if (failure === undefined || stop.signal.aborted) await queue.release(claim);
        else await this.insist(attempt, async () => queue.fail(claim, failure));
        return true;
      },
      job.id,
    );
    if (isRecorded === true) await this.removeLeft(async () => queue.get(job.id), job.id);
  }

  /** Tries again as long as the job is this worker's: what the work came to must not be lost to a database's restart. */
  private async insist<T>(attempt: Attempt, record: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await record();
      } catch (error) {
        if (!isDatabaseDown(error) || performance.now() > attempt.heldUntilMs) throw error;
        await sleep(this.timing.heartbeatEveryMs);
      }
    }
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
      requireHeld: async (sql) => this.requireHeld(attempt, sql),
    };
    try {
      signal.throwIfAborted();
      const output = (await this.parts.work[job.kind]?.(job, context)) ?? null;
      // Stopped work that returned is unfinished work.
      if (!signal.aborted) attempt.output ??= output;
      return undefined;
    } catch (error) {
      return signal.aborted ? undefined : this.failureOf(error, attempt);
    }
  }

  private async requireHeld({ claim, stop }: Attempt, sql?: Transaction): Promise<void> {
    if (!(await this.parts.queue.isHeld(claim, sql))) stop.abort(stopReasons.lost());
    stop.signal.throwIfAborted();
  }

  private async beat(attempt: Attempt): Promise<void> {
    const askedAtMs = performance.now();
    try {
      const state = await this.parts.queue.heartbeat(attempt.claim, attempt.progress);
      if (state === 'held') attempt.heldUntilMs = askedAtMs + attempt.claim.leaseMs;
      else attempt.stop.abort(stopReasons[state]());
    } catch {
      // Once the lease is over another worker may have it, and two must not write the same checkpoints.
      if (performance.now() > attempt.heldUntilMs) {
        attempt.stop.abort(new Failure('DATABASE_UNAVAILABLE', 'The lease could not be renewed in time.'));
      }
    }
  }

  /** Records the last progress, which no heartbeat has brought yet. */
  private async flush({ claim, progress }: Attempt): Promise<void> {
    if (progress === undefined) return;
    const record = async (): Promise<unknown> => this.parts.queue.heartbeat(claim, progress);
    await this.undisturbed('record the progress', record, claim.jobId);
  }

  private failureOf(error: unknown, { claim, output }: Attempt): FailureRecord {
    if (error instanceof Failure) return toRecord(error);
    const step = output === undefined ? 'work' : 'finish up after success';
    this.parts.onDefect(error, { step, jobId: claim.jobId });
    return { message: 'Internal error; the log of the worker has the reason.' };
  }
}
