import type { JobHandler } from './work-on-jobs.js';
import type { Job } from './job.js';
import type { JobKind } from '../platform/configuration/job-kinds.js';
import type { Job as JobMessage } from '../../generated/symface/v1/Job.js';

/** The part of a job's message that its kind has for itself. */
export type JobWorkMessage =
  | Pick<JobMessage, 'training'>
  | Pick<JobMessage, 'assessment'>
  | Pick<JobMessage, 'activation'>
  | Pick<JobMessage, 'benchmarkRun'>
  | Pick<JobMessage, 'keyRotation'>
  | Pick<JobMessage, 'indexing'>;

/** Lists have summaries: what takes many bytes is left out. */
export type JobDetail = 'summary' | 'all';

/** What the jobs of a kind are: all that is known of the kind beyond the queue. */
export interface JobType {
  readonly kind: JobKind;
  readonly work: JobHandler;
  /** What clients see of the work. */
  readonly message: (job: Job, detail: JobDetail) => JobWorkMessage;
  /**
   * It is done before a watcher is told that a job has succeeded, so that the watcher finds its effect in this
   * process.
   */
  readonly beforeSuccessIsTold?: () => Promise<void>;
  /**
   * Removes what a job has left that has ended, whoever ended it and however. It is done once the end is recorded: what a
   * further attempt would go on from must not go before. It may be done twice.
   */
  readonly removeLeft?: (job: Job) => Promise<void>;
}

/** The kinds of jobs, each registered by the feature that does them. */
export class JobTypes {
  private readonly byKind = new Map<JobKind, JobType>();

  register(type: JobType): void {
    this.byKind.set(type.kind, type);
  }

  /** @throws Error for one that no feature has registered: a defect */
  of(kind: JobKind): JobType {
    const type = this.byKind.get(kind);
    if (type === undefined) throw new Error(`no type of jobs is registered for ${kind}`);
    return type;
  }
}
