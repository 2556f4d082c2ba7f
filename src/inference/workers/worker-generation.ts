import type { AnalysisBatch, AnalysisRequest, CallControl, ServedModels } from '../analyser/face-analysis.js';
import { Failure } from '../../core/failure.js';
import { AnalysisJob } from './analysis-job.js';
import type { EngineObserver } from './engine-observer.js';
import { FairQueue } from './fair-queue.js';
import { WorkerProcess, type WorkerProcessOptions } from './worker-process.js';

export interface GenerationOptions extends WorkerProcessOptions {
  readonly workerCount: number;
  /** Places for images that wait ({@link FairQueue}); a call that does not fit is refused. */
  readonly queueCapacity: number;
  /** What a worker holds at a time, in photographs: whoever comes waits for those, whoever else waits. */
  readonly photographsPerWorker: number;
}

const maximumAttempts = 2;
const firstRestartDelayMs = 100;
const maximumRestartDelayMs = 10_000;

/** The workers that serve one pair of models, and the calls that began with them. */
export class WorkerGeneration {
  private readonly queue: FairQueue<AnalysisJob>;
  private readonly workers = new Set<WorkerProcess>();
  /** Workers that hold an image another worker died with. */
  private readonly quarantined = new WeakSet<WorkerProcess>();
  private readonly jobs = new Map<number, AnalysisJob>();
  private nextJobId = 1;
  private restartDelayMs = firstRestartDelayMs;
  /** Whether no worker runs, and the last try to start one has failed. */
  private cannotStart = false;
  private stopping = false;
  private readonly idleListeners: (() => void)[] = [];

  constructor(
    readonly models: ServedModels,
    private readonly options: GenerationOptions,
    private readonly observer: EngineObserver,
  ) {
    this.queue = new FairQueue(options.queueCapacity);
  }

  /**
   * Starts all workers: together, or one after the other so that calls which others answer keep all cores but one.
   * @throws the first reason why one cannot serve; then none is left running
   */
  async start(order: 'together' | 'one-by-one' = 'together'): Promise<void> {
    const starts: Promise<void>[] = [];
    for (let index = 0; index < this.options.workerCount; index++) {
      const start = this.startWorker();
      starts.push(start);
      if (order === 'one-by-one' && !(await succeeds(start))) break;
    }
    const failed = (await Promise.allSettled(starts)).find((result) => result.status === 'rejected');
    if (failed !== undefined) {
      this.stop();
      throw failed.reason;
    }
  }

  get queuedJobs(): number {
    return this.queue.length;
  }

  /** How long the image that waits longest has waited, in milliseconds; 0 where none does. */
  get oldestQueuedMs(): number {
    for (const { sentAtMs, settled, queuedAtMs } of this.jobs.values())
      if (sentAtMs === undefined && !settled) return performance.now() - queuedAtMs;
    return 0;
  }

  get runningWorkers(): number {
    return this.workers.size;
  }

  /** Whether a call with as many images would be taken now. @param share as in its control */
  hasRoom(imageCount: number, share: readonly string[] = []): boolean {
    return this.queue.hasRoom(imageCount, share);
  }

  async analyse(requests: readonly AnalysisRequest[], control: CallControl): Promise<AnalysisBatch> {
    control.signal.throwIfAborted();
    if (this.cannotStart) throw this.noWorker();
    const jobs = requests.map((request) => new AnalysisJob(this.nextJobId++, request, control.signal));
    if (!this.queue.offer(jobs, control.share ?? [`service ${this.nextJobId}`])) {
      this.observer.onShed();
      throw new Failure(
        'OVERLOADED',
        'More work waits than the service takes, in all or of one client. Try again with exponential back-off.',
        { queue_capacity: String(this.options.queueCapacity) },
      );
    }
    for (const job of jobs) this.jobs.set(job.id, job);
    const onAbort = (): void => {
      this.abortCall(jobs);
    };
    control.signal.addEventListener('abort', onAbort, { once: true });
    try {
      this.dispatch();
      const outcomes = await Promise.all(jobs.map((job) => job.outcome));
      return { models: this.models, outcomes };
    } finally {
      control.signal.removeEventListener('abort', onAbort);
      this.observer.onImages(
        this.models,
        jobs.map(({ timing }) => timing),
      );
    }
  }

  /** Resolves when no call is left, then ends the workers. */
  async drain(): Promise<void> {
    if (this.jobs.size > 0) {
      await new Promise<void>((resolve) => {
        this.idleListeners.push(resolve);
      });
    }
    this.stop();
  }

  /** Ends the workers; calls that are left fail with SHUTTING_DOWN. */
  stop(): void {
    this.stopping = true;
    for (const job of this.jobs.values()) {
      job.fail(
        new Failure('SHUTTING_DOWN', 'The service is shutting down. Try another replica or try again.'),
      );
    }
    this.forgetWaiting();
    for (const worker of this.workers) worker.stop();
  }

  private async startWorker(): Promise<void> {
    const worker = await WorkerProcess.start(this.options, {
      onAnalysed: (jobId, image, stages) => {
        this.finish(jobId, (job) => {
          job.onStages(stages);
          job.settle({ ok: true, image });
        });
      },
      onFailed: (jobId, error, stages) => {
        if (!(error instanceof Failure)) this.observer.onDefect(error);
        this.finish(jobId, (job) => {
          job.onStages(stages);
          job.fail(error);
        });
      },
      onExit: (lostJobIds, description) => {
        this.workerEnded(worker, lostJobIds, description);
      },
    });
    if (this.stopping) {
      worker.stop();
      return;
    }
    this.workers.add(worker);
    this.cannotStart = false;
    this.dispatch();
  }

  /**
   * Gives waiting jobs to the least busy workers until those are full. None is taken before a worker has room for it: whoever
   * comes meanwhile may be before it.
   */
  private dispatch(): void {
    for (let worker = this.workerWithRoom(); worker !== undefined; worker = this.workerWithRoom()) {
      const job = this.queue.take();
      if (job === undefined) return;
      // An image that a worker died with gets one to itself, so that it takes no other down with it.
      const own = job.attempts > 0 ? this.workerWithRoom('idle') : worker;
      if (own === undefined) {
        this.queue.putBack(job);
        return;
      }
      job.attempts++;
      job.sentAtMs = performance.now();
      own.analyse(job.id, job.request);
      if (job.attempts > 1) this.quarantined.add(own);
    }
  }

  /** The least busy worker that takes one more, or does nothing. */
  private workerWithRoom(state: 'any' | 'idle' = 'any'): WorkerProcess | undefined {
    let best: WorkerProcess | undefined;
    for (const worker of this.workers) {
      if (worker.load === 0) this.quarantined.delete(worker);
      const isFull = state === 'idle' ? worker.load > 0 : worker.load >= this.options.photographsPerWorker;
      if (isFull || this.quarantined.has(worker)) continue;
      if (best === undefined || worker.load < best.load) best = worker;
    }
    return best;
  }

  private finish(jobId: number, settle: (job: AnalysisJob) => void): void {
    const job = this.jobs.get(jobId);
    if (job !== undefined) {
      settle(job);
      this.forget(job);
    }
    this.dispatch();
  }

  private forget(job: AnalysisJob): void {
    this.jobs.delete(job.id);
    this.queue.done(job);
    if (this.jobs.size > 0) return;
    for (const notify of this.idleListeners.splice(0)) notify();
  }

  /** The caller has gone: what waits is dropped, what a worker holds is cancelled there. */
  private abortCall(jobs: readonly AnalysisJob[]): void {
    const ids = new Set(jobs.map((job) => job.id));
    for (const job of this.queue.removeWhere((waiting) => ids.has(waiting.id))) this.forget(job);
    for (const job of jobs) {
      if (job.settled) continue;
      for (const worker of this.workers) worker.cancel(job.id);
      job.abort();
    }
  }

  private workerEnded(worker: WorkerProcess, lostJobIds: readonly number[], description: string): void {
    this.workers.delete(worker);
    for (const id of lostJobIds) {
      const job = this.jobs.get(id);
      if (job === undefined) continue;
      if (!job.settled && job.attempts < maximumAttempts && !this.stopping) {
        this.queue.putBack(job);
        continue;
      }
      job.fail(
        new Failure(
          'WORKER_LOST',
          'The process that worked on this image ended unexpectedly. Try again later.',
        ),
      );
      this.forget(job);
    }
    if (this.stopping) return;
    this.observer.onWorkerLost(description);
    this.dispatch();
    this.scheduleRestart();
  }

  private scheduleRestart(): void {
    const delayMs = this.restartDelayMs;
    this.restartDelayMs = Math.min(delayMs * 2, maximumRestartDelayMs);
    setTimeout(() => {
      if (this.stopping) return;
      this.startWorker().then(
        () => {
          this.restartDelayMs = firstRestartDelayMs;
        },
        (error: unknown) => {
          this.observer.onDefect(error);
          this.scheduleRestart();
          if (this.workers.size === 0) this.refuseWaiting();
        },
      );
    }, delayMs).unref();
  }

  /** What waits for a worker would wait for its whole deadline. */
  private refuseWaiting(): void {
    this.cannotStart = true;
    for (const job of this.jobs.values()) job.fail(this.noWorker());
    this.forgetWaiting();
  }

  /** No worker will take what waits: nobody else would forget it, and whoever drains would wait for ever. */
  private forgetWaiting(): void {
    for (const job of this.queue.removeWhere(() => true)) this.forget(job);
  }

  private noWorker(): Failure {
    return new Failure(
      'NO_WORKER',
      'No inference worker runs: the last one ended, and another could not be started. Try another replica, or again later; the ' +
        'log of the service says why.',
      { retry_after_seconds: String(Math.ceil(this.restartDelayMs / 1000)) },
    );
  }
}

async function succeeds(work: Promise<unknown>): Promise<boolean> {
  return work.then(
    () => true,
    () => false,
  );
}
