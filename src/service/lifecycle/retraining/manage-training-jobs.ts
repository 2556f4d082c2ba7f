import type { Caller } from '../../access/caller.js';
import { Failure } from '../../../core/failure.js';
import type { Job } from '../../jobs/job.js';
import type { ModelVersion } from '../../../core/models/manifest.js';
import { type RetrainingPolicy, retrainingPolicy } from './retraining-policy.js';
import { requireTrainable } from './trainable-parent.js';
import { requireEnoughData } from './training-data-counts.js';
import { jsonOf } from './training-job.js';
import type { AuditLog } from '../../access/audit/audit-log.js';
import { type JobQueue, jobOrderKey, type NewJob } from '../../jobs/job-queue.js';
import type { ModelRegistry } from '../../../storage/models/model-registry.js';
import { type Page, type PageRequest, readPage, timeAndIdKey } from '../../platform/page.js';
import type { TrainableFaceStore } from './trainable-face-store.js';
import type { TrainingFiles } from './training-files.js';

export interface CreateTrainingJob {
  /** Id of the model version to fine-tune; the one that serves where undefined. */
  readonly parent: string | undefined;
  /** What differs from the default policy. */
  readonly policy: Partial<RetrainingPolicy>;
  /** Activates the candidate where its assessment passes it. */
  readonly activateWhenPassed: boolean;
}

interface ManageTrainingJobsParts {
  readonly queue: JobQueue;
  readonly registry: Pick<ModelRegistry, 'get'>;
  readonly faces: Pick<TrainableFaceStore, 'count'>;
  readonly files: Pick<TrainingFiles, 'removeAll'>;
  readonly auditLog: AuditLog;
  /** Id of the backbone that serves. */
  readonly served: () => string | undefined;
  /** A job was queued. */
  readonly wake: () => void;
}

const kind = 'training';

/** Training jobs as an administrator asks for them, looks at them and ends them. */
export class ManageTrainingJobs {
  constructor(private readonly parts: ManageTrainingJobsParts) {}

  /**
   * Queues a training, where one would be possible now.
   * @throws Failure INVALID_ARGUMENT, MODEL_NOT_FOUND, MODEL_NOT_TRAINABLE, TRAINING_DATA_INSUFFICIENT,
   *   JOB_ALREADY_ACTIVE where the model's line has a training already
   */
  async create(request: CreateTrainingJob, caller: Caller): Promise<Job> {
    const { queue, auditLog, wake } = this.parts;
    const { actor, tenant } = caller;
    const { version, training } = await this.checked(request, caller);
    const job = await queue.enqueue(training);
    const target = `trainingJobs/${job.id}`;
    await auditLog.record({
      actor,
      tenant,
      action: 'training.create',
      target,
      details: { parent: version.id },
    });
    wake();
    return job;
  }

  /**
   * The training as it would be queued now.
   * @throws Failure INVALID_ARGUMENT, MODEL_NOT_FOUND, MODEL_NOT_TRAINABLE, TRAINING_DATA_INSUFFICIENT
   */
  async prepare(request: CreateTrainingJob, by: Pick<Caller, 'actor' | 'tenant'>): Promise<NewJob> {
    return (await this.checked(request, by)).training;
  }

  /** @throws Failure JOB_NOT_FOUND */
  async get(id: string): Promise<Job> {
    const job = await this.parts.queue.get(id);
    if (job.kind === kind) return job;
    throw new Failure('JOB_NOT_FOUND', `The job ${id} is no training job.`, { id });
  }

  /** Newest first. @throws Failure INVALID_ARGUMENT */
  async list(request: PageRequest): Promise<Page<Job>> {
    const read = this.parts.queue.list.bind(this.parts.queue);
    return readPage('training jobs', request, (query) => read(query, { kind }), jobOrderKey, timeAndIdKey);
  }

  /** At once where it waits; else its worker is told and ends it within seconds. @throws Failure JOB_NOT_FOUND */
  async cancel(id: string, { actor, tenant }: Caller): Promise<Job> {
    await this.get(id);
    const { queue, files, auditLog } = this.parts;
    const job = await queue.cancel(id);
    await auditLog.record({
      actor,
      tenant,
      action: 'training.cancel',
      target: `trainingJobs/${id}`,
      details: {},
    });
    // No worker has it that would remove what an earlier attempt kept.
    if (job.state === 'cancelled') await files.removeAll(id);
    return job;
  }

  private async checked(
    { parent, policy: given, activateWhenPassed }: CreateTrainingJob,
    { actor, tenant }: Pick<Caller, 'actor' | 'tenant'>,
  ): Promise<{ readonly version: ModelVersion; readonly training: NewJob }> {
    const { registry, faces, served } = this.parts;
    const policy = retrainingPolicy(given);
    const id = parent ?? served();
    if (id === undefined) throw new Failure('MODEL_NOT_FOUND', 'No backbone serves.');
    const { version } = await registry.get(id);
    const { displayName } = requireTrainable(version);
    requireEnoughData(await faces.count(policy), policy);
    const input = jsonOf({ parent: version.id, policy, activateWhenPassed, actor, tenant });
    return { version, training: { kind, input, singletonKey: displayName } };
  }
}
