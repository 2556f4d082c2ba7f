import type { Requester } from '../../access/caller.js';
import { Failure } from '../../../core/failure.js';
import type { ModelVersion } from '../../../core/models/manifest.js';
import type { Job } from '../../jobs/job.js';
import { orderJson } from './activation.js';
import { requirePassed } from '../assessment/require-passed.js';
import type { BackboneThresholds } from './backbone-thresholds.js';
import type { ActiveModelStore } from '../../models/serving/active-model.store.js';
import type { JobQueue } from '../../jobs/job-queue.js';
import type { ModelRegistry } from '../../../storage/models/model-registry.js';

interface CreateActivationParts {
  readonly jobs: Pick<JobQueue, 'enqueue'>;
  /** The jobs among which assessments are looked up. */
  readonly queue: Pick<JobQueue, 'list'>;
  readonly registry: Pick<ModelRegistry, 'get'>;
  readonly active: Pick<ActiveModelStore, 'active'>;
  readonly thresholds: Pick<BackboneThresholds, 'lack'>;
}

/**
 * The rule for the assessment of a version that was fine-tuned here: it is looked for, known to have passed, or not
 * wanted by whoever asks.
 */
export type AssessmentRule = 'required' | 'passed' | 'skipped';

/** What whoever asks for an activation says besides. */
export interface ActivationRules {
  readonly assessment: AssessmentRule;
  /** A backbone without a threshold at the false match rate in force is to serve all the same. */
  readonly allowWithoutThreshold: boolean;
}

interface ActivationOptions extends ActivationRules {
  readonly isRollBack: boolean;
}

/** What has served may serve again. */
const rollBack: ActivationOptions = { isRollBack: true, assessment: 'passed', allowWithoutThreshold: true };

/** Has another model version serve: queues the job that does it. */
export class CreateActivation {
  constructor(private readonly parts: CreateActivationParts) {}

  /**
   * @throws Failure MODEL_NOT_FOUND, JOB_ALREADY_ACTIVE; MODEL_NOT_ASSESSED, MODEL_REJECTED of a version that was
   *   fine-tuned here; MODEL_NOT_CALIBRATED of a backbone without a threshold at the false match rate in force
   */
  async execute(modelVersion: string, requester: Requester, rules: ActivationRules): Promise<Job> {
    return this.queued(modelVersion, requester, { ...rules, isRollBack: false });
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
    { isRollBack, assessment, allowWithoutThreshold }: ActivationOptions,
  ): Promise<Job> {
    const { version } = await this.parts.registry.get(modelVersion);
    const { manifest } = version;
    const isTrainedHere = manifest.kind === 'backbone' && manifest.lineage !== undefined;
    if (isTrainedHere && assessment === 'required') await this.requireAssessed(modelVersion);
    const skipsAssessment = isTrainedHere && assessment === 'skipped';
    const lack = await this.lackOfThreshold(version);
    if (lack !== undefined && !allowWithoutThreshold) throw lack;
    const withoutThreshold = lack !== undefined;
    return this.parts.jobs.enqueue({
      kind: 'activation',
      input: orderJson({ modelVersion, isRollBack, skipsAssessment, withoutThreshold }),
      // One version at a time becomes the active one of its kind, whoever asks.
      singletonKey: manifest.kind,
      requester,
      details: {
        model_version: `modelVersions/${modelVersion}`,
        ...(isRollBack && { roll_back: 'true' }),
        ...(skipsAssessment && { skip_assessment: 'true' }),
        ...(withoutThreshold && { without_threshold: 'true' }),
      },
    });
  }

  /** What serves may be activated again: no threshold changes by that. */
  private async lackOfThreshold(version: ModelVersion): Promise<Failure | undefined> {
    const lack = await this.parts.thresholds.lack(version);
    if (lack === undefined) return undefined;
    return (await this.parts.active.active('backbone'))?.id === version.id ? undefined : lack;
  }

  /** What serves may be activated again. */
  private async requireAssessed(modelVersion: string): Promise<void> {
    const active = await this.parts.active.active('backbone');
    if (active?.id !== modelVersion) await requirePassed(this.parts.queue, modelVersion, active?.id);
  }
}
