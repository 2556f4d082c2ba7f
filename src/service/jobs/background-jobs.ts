import type { Logger } from '../platform/telemetry/logger.js';
import type { JobKind } from './job.js';
import type { JobQueue } from './job-queue.js';
import { loggedWork } from './logged-work.js';
import { type JobWork, WorkOnJobs } from './work-on-jobs.js';

/** The workers of one process. Each kind of job has its own: a training of hours holds up no activation. */
export class BackgroundJobs {
  private readonly workers = new Map<JobKind, WorkOnJobs>();

  /** @param kinds what this process works on; work of other kinds may be registered, and is left to others */
  constructor(
    private readonly queue: JobQueue,
    private readonly kinds: readonly JobKind[],
    private readonly logger: Logger,
  ) {}

  /** Says how jobs of a kind are done; before {@link start}. */
  register(kind: JobKind, work: JobWork): void {
    if (!this.kinds.includes(kind)) return;
    const onDefect = (error: unknown): void => {
      this.logger.error({ err: error }, 'a job failed unexpectedly');
    };
    const logged = loggedWork({ [kind]: work }, this.logger);
    this.workers.set(kind, new WorkOnJobs({ queue: this.queue, work: logged, onDefect }));
  }

  start(): void {
    for (const worker of this.workers.values()) worker.start();
  }

  /** A job of this kind was queued: it need not wait for the next look. */
  wake(kind: JobKind): void {
    this.workers.get(kind)?.wake();
  }

  /** Gives the jobs in hand back. */
  async close(): Promise<void> {
    await Promise.all(Array.from(this.workers.values(), async (worker) => worker.close()));
  }
}
