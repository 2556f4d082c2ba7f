import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../core/failure.js';
import { isDatabaseDown } from '../platform/database/is-database-down.js';
import { type FailureRecord, toRecord } from '../../core/failure-record.js';
import type { Job, Json } from './job.js';
import { JobAttempt, type JobContext } from './job-attempt.js';
import type { JobKind } from '../platform/configuration/job-kinds.js';
import type { JobQueue } from './job-queue.js';

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

/** Works on the jobs of one queue, one after the other, beside any number of other workers. */
export class WorkOnJobs {
  private readonly worker = randomUUID();
  private readonly timing: WorkTiming;
  private readonly closing = new AbortController();
  private working: Promise<void> | undefined;
  private attempt: JobAttempt | undefined;
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
    this.attempt?.stop(new Failure('SHUTTING_DOWN', 'The worker is shutting down.'));
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
    const { leaseMs, heartbeatEveryMs } = this.timing;
    const askedAtMs = performance.now();
    const claimed = await this.undisturbed('claim a job', () =>
      queue.claim(Object.keys(work) as JobKind[], this.worker, leaseMs),
    );
    if (claimed === undefined) return false;
    const { job, claim } = claimed;
    const attempt = new JobAttempt(queue, claim, askedAtMs, heartbeatEveryMs);
    this.attempt = attempt;
    if (this.closing.signal.aborted) attempt.stop();
    try {
      await attempt.whileHeld(async () => this.settle(job, attempt));
    } finally {
      this.attempt = undefined;
    }
    return true;
  }

  private async settle(job: Job, attempt: JobAttempt): Promise<void> {
    const { queue } = this.parts;
    const { claim, signal } = attempt;
    const failure = await this.workOn(job, attempt);
    const record = attempt.unrecordedProgress();
    if (record !== undefined) await this.undisturbed('record the progress', record, job.id);
    const { output } = attempt;
    const isRecorded = await this.undisturbed(
      'record the end',
      async () => {
        if (output !== undefined) await attempt.insist(async () => queue.complete(claim, output));
        else if (failure === undefined || signal.aborted) await queue.release(claim);
        else await attempt.insist(async () => queue.fail(claim, failure));
        return true;
      },
      job.id,
    );
    if (isRecorded === true) await this.removeLeft(async () => queue.get(job.id), job.id);
  }

  /** @returns why it failed; nothing where it did not, or was stopped */
  private async workOn(job: Job, attempt: JobAttempt): Promise<FailureRecord | undefined> {
    const { signal, context } = attempt;
    try {
      signal.throwIfAborted();
      attempt.finish((await this.parts.work[job.kind]?.(job, context)) ?? null);
      return undefined;
    } catch (error) {
      return signal.aborted ? undefined : this.failureOf(error, attempt);
    }
  }

  private failureOf(error: unknown, { claim, output }: JobAttempt): FailureRecord {
    if (error instanceof Failure) return toRecord(error);
    const step = output === undefined ? 'work' : 'finish up after success';
    this.parts.onDefect(error, { step, jobId: claim.jobId });
    return { message: 'Internal error; the log of the worker has the reason.' };
  }
}
