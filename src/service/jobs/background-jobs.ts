import type { Logger } from '../platform/telemetry/logger.js';
import type { Job } from './job.js';
import type { JobKind } from '../platform/configuration/job-kinds.js';
import type { JobQueue } from './job-queue.js';
import type { NewJob } from './new-job.js';
import type { JobTypes } from './job-type.js';
import { loggedDefects } from './logged-defects.js';
import { loggedWork } from './logged-work.js';
import { WorkOnJobs } from './work-on-jobs.js';

/** The workers of one process. Each kind of job has its own: a training of hours holds up no activation. */
export class BackgroundJobs {
  private readonly workers = new Map<JobKind, WorkOnJobs>();

  /** @param kinds what this process works on; others are left to other processes */
  constructor(
    private readonly queue: JobQueue,
    private readonly types: JobTypes,
    private readonly kinds: readonly JobKind[],
    private readonly logger: Logger,
  ) {}

  /** Starts the workers, once every kind is registered. */
  start(): void {
    const { queue } = this;
    const removeLeft = async (job: Job): Promise<void> => this.types.of(job.kind).removeLeft?.(job);
    for (const kind of this.kinds) {
      const work = loggedWork({ [kind]: this.types.of(kind).work }, this.logger);
      const onDefect = loggedDefects(kind, this.logger);
      const worker = new WorkOnJobs({ queue, work, removeLeft, onDefect });
      this.workers.set(kind, worker);
      worker.start();
    }
  }

  /**
   * Takes over all that runs, before {@link start}, where this process is the only one to work: whoever had it is gone.
   * @throws Failure DATABASE_UNAVAILABLE
   */
  async takeAllFromLostWorkers(): Promise<void> {
    for (const job of await this.queue.takeAllFromLostWorkers()) {
      await this.types
        .of(job.kind)
        .removeLeft?.(job)
        .catch((error: unknown) => {
          const place = { step: 'remove what a job has left', jobId: job.id } as const;
          loggedDefects(job.kind, this.logger)(error, place);
        });
    }
  }

  /** Enqueues as the queue does; a worker of this process that has nothing to do takes the job at once. */
  async enqueue(job: NewJob): Promise<Job> {
    const queued = await this.queue.enqueue(job);
    this.wake(job.kind);
    return queued;
  }

  /** A job of this kind was queued: it need not wait for the next look. */
  wake(kind: JobKind): void {
    this.workers.get(kind)?.wake();
  }

  /** Whether a job is worked on. */
  get hasJobInHand(): boolean {
    return [...this.workers.values()].some((worker) => worker.hasJobInHand);
  }

  /** Gives the jobs in hand back. */
  async close(): Promise<void> {
    await Promise.all(Array.from(this.workers.values(), async (worker) => worker.close()));
  }
}
