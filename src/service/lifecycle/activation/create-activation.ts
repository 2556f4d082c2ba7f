import type { Requester } from '../../access/caller.js';
import { Failure } from '../../../core/failure.js';
import type { Job } from '../../jobs/job.js';
import { orderJson } from './activation.js';
import { requirePassed } from '../assessment/require-passed.js';
import type { ActiveModelStore } from '../../models/serving/active-model.store.js';
import type { JobQueue } from '../../jobs/job-queue.js';
import type { ModelRegistry } from '../../../storage/models/model-registry.js';

interface CreateActivationParts {
  readonly jobs: Pick<JobQueue, 'enqueue'>;
  /** The jobs among which assessments are looked up. */
  readonly queue: Pick<JobQueue, 'list'>;
  readonly registry: Pick<ModelRegistry, 'get'>;
  readonly active: Pick<ActiveModelStore, 'active'>;
}

/**
 * The rule for the assessment of a version that was fine-tuned here: it is looked for, known to have passed, or not
 * wanted by whoever asks.
 */
export type AssessmentRule = 'required' | 'passed' | 'skipped';

interface ActivationOptions {
  readonly isRollBack: boolean;
  readonly assessment: AssessmentRule;
}

/** What has served may serve again. */
const rollBack: ActivationOptions = { isRollBack: true, assessment: 'passed' };

/** Has another model version serve: queues the job that does it. */
export class CreateActivation {
  constructor(private readonly parts: CreateActivationParts) {}

  /**
   * @throws Failure MODEL_NOT_FOUND, JOB_ALREADY_ACTIVE; MODEL_NOT_ASSESSED, MODEL_REJECTED of a version that was
   *   fine-tuned here
   */
  async execute(modelVersion: string, requester: Requester, assessment: AssessmentRule): Promise<Job> {
    return this.queued(modelVersion, requester, { isRollBack: false, assessment });
  }

  /** Back to the backbone that served before. @throws Failure MODEL_NOT_FOUND where none did; JOB_ALREADY_ACTIVE */
  async rollBack(requester: Requester): Promise<Job> {
    const active = await this.parts.active.active('backbone');
    if (active?.previousId !== undefined) return this.queued(active.previousId, requester, rollBack);
    throw new Failure('MODEL_NOT_FOUND', 'No other backbone has served before the one that does.');
  }

  private async queued(
    modelVersion: string,
    requester: Requester,
    { isRollBack, assessment }: ActivationOptions,
  ): Promise<Job> {
    const { manifest } = (await this.parts.registry.get(modelVersion)).version;
    const isTrainedHere = manifest.kind === 'backbone' && manifest.lineage !== undefined;
    if (isTrainedHere && assessment === 'required') await this.requireAssessed(modelVersion);
    const skipsAssessment = isTrainedHere && assessment === 'skipped';
    return this.parts.jobs.enqueue({
      kind: 'activation',
      input: orderJson({ modelVersion, isRollBack, skipsAssessment }),
      // One version at a time becomes the active one of its kind, whoever asks.
      singletonKey: manifest.kind,
      requester,
      details: {
        model_version: `modelVersions/${modelVersion}`,
        ...(isRollBack && { roll_back: 'true' }),
        ...(skipsAssessment && { skip_assessment: 'true' }),
      },
    });
  }

  /** What serves may be activated again. */
  private async requireAssessed(modelVersion: string): Promise<void> {
    const active = await this.parts.active.active('backbone');
    if (active?.id !== modelVersion) await requirePassed(this.parts.queue, modelVersion, active?.id);
  }
}
