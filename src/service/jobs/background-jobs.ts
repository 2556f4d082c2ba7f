import { type JobKind, jobKinds } from './job.js';
import type { JobQueue } from './job-queue.js';
import { type JobWork, WorkOnJobs } from './work-on-jobs.js';

/** The workers of one process. Each kind of job has its own: a training of hours holds up no activation. */
export class BackgroundJobs {
  private readonly workers = new Map<JobKind, WorkOnJobs>();

  constructor(
    queue: JobQueue,
    work: Readonly<Partial<Record<JobKind, JobWork>>>,
    onDefect: (error: unknown) => void,
  ) {
    for (const kind of jobKinds) {
      const ofKind = work[kind];
      if (ofKind === undefined) continue;
      this.workers.set(kind, new WorkOnJobs({ queue, work: { [kind]: ofKind }, onDefect }));
    }
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
