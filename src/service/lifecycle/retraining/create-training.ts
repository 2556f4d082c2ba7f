import type { Requester } from '../../access/caller.js';
import { Failure } from '../../../core/failure.js';
import type { ModelVersion } from '../../../core/models/manifest.js';
import type { Job } from '../../jobs/job.js';
import { heldOutBelowOf } from './held-out-bound.js';
import { heldOutOf } from './held-out-identities.js';
import { type RetrainingPolicy, retrainingPolicy } from './retraining-policy.js';
import { requireTrainable } from './trainable-parent.js';
import { requireEnoughData, type TrainingDataCounts } from './training-data-counts.js';
import { jsonOf } from './training-job.js';
import type { JobQueue } from '../../jobs/job-queue.js';
import type { NewJob } from '../../jobs/new-job.js';
import type { ModelRegistry } from '../../../storage/models/model-registry.js';
import type { OperatingPointStore } from '../../verification/operating-point/operating-point.store.js';
import type { TrainableFaceStore } from './trainable-face.store.js';

export interface TrainingRequest {
  /** Id of the model version to fine-tune; the one that serves where undefined. */
  readonly parent: string | undefined;
  /** What differs from the default policy. */
  readonly policy: Partial<RetrainingPolicy>;
  /** Activates the candidate where its assessment passes it. */
  readonly activateWhenPassed: boolean;
}

/** What would be trained on. */
export interface TrainingPreview {
  readonly counts: TrainingDataCounts;
  /** Of the identities, those that are not trained on. */
  readonly heldOutIdentities: number;
}

interface TrainingPlan extends TrainingPreview {
  readonly version: ModelVersion;
  readonly displayName: string;
  readonly policy: RetrainingPolicy;
  readonly falseMatchRate: number;
}

interface CreateTrainingParts {
  readonly jobs: Pick<JobQueue, 'enqueue'>;
  readonly registry: Pick<ModelRegistry, 'get'>;
  readonly faces: Pick<TrainableFaceStore, 'count' | 'identities'>;
  /** The rate in force, which how far to go is found at. */
  readonly operatingPoint: Pick<OperatingPointStore, 'current'>;
  /** Id of the backbone that serves. */
  readonly served: () => string | undefined;
}

/** Has a backbone fine-tuned on the enrolled faces: queues the job that does it. */
export class CreateTraining {
  constructor(private readonly parts: CreateTrainingParts) {}

  /**
   * Queues a training, where one would be possible now.
   * @throws Failure INVALID_ARGUMENT, MODEL_NOT_FOUND, MODEL_NOT_TRAINABLE, TRAINING_DATA_INSUFFICIENT,
   *   JOB_ALREADY_ACTIVE where the model's line has a training already
   */
  async execute(request: TrainingRequest, requester: Requester): Promise<Job> {
    return this.parts.jobs.enqueue(await this.prepare(request, requester));
  }

  /**
   * What would be trained on now, and how many identities would be held out; nothing is queued.
   * @throws Failure as {@link prepare}
   */
  async preview(request: TrainingRequest): Promise<TrainingPreview> {
    const { counts, heldOutIdentities } = await this.plan(request);
    return { counts, heldOutIdentities };
  }

  /**
   * The training as it would be queued now.
   * @throws Failure INVALID_ARGUMENT, MODEL_NOT_FOUND, MODEL_NOT_TRAINABLE, TRAINING_DATA_INSUFFICIENT
   */
  async prepare(request: TrainingRequest, requester: Requester): Promise<NewJob> {
    const { version, displayName, policy, falseMatchRate } = await this.plan(request);
    const { activateWhenPassed } = request;
    return {
      kind: 'training',
      input: jsonOf({ parent: version.id, policy, falseMatchRate, activateWhenPassed }),
      singletonKey: displayName,
      requester,
      details: { parent: version.id },
    };
  }

  private async plan({ parent, policy: given }: TrainingRequest): Promise<TrainingPlan> {
    const { registry, faces, operatingPoint, served } = this.parts;
    const policy = retrainingPolicy(given);
    const id = parent ?? served();
    if (id === undefined) throw new Failure('MODEL_NOT_FOUND', 'No backbone serves.');
    const { version } = await registry.get(id);
    const { displayName } = requireTrainable(version);
    const counts = await faces.count(policy);
    requireEnoughData(counts, policy);
    const identities = await faces.identities(policy.minimumFacesPerIdentity);
    const { falseMatchRate } = await operatingPoint.current();
    // Refuses here what the job would.
    const { chosen } = heldOutOf(
      identities,
      { fraction: policy.holdOutFraction, falseMatchRate },
      heldOutBelowOf(version.manifest),
    );
    return { version, displayName, policy, falseMatchRate, counts, heldOutIdentities: chosen.size };
  }
}
