import type { Caller } from '../../access/caller.js';
import type { ModelVersion } from '../../../core/models/manifest.js';
import type { ActiveModelStore } from '../../models/serving/active-model-store.js';
import type { CallControl } from '../../../inference/analyser/face-analysis.js';
import type { ModelRegistry, StoredModelVersion } from '../../../storage/models/model-registry.js';
import type { AssessmentRule, ManageActivations } from './manage-activations.js';
import type { ServeActiveModels } from '../../models/serving/serve-active-models.js';

export interface ActivatedModel {
  readonly version: ModelVersion;
  /** Of the same kind; the version itself where it served already. */
  readonly previousId: string;
}

interface ActivateModelParts {
  readonly registry: Pick<ModelRegistry, 'get'>;
  readonly active: Pick<ActiveModelStore, 'changeDetector'>;
  readonly serve: ServeActiveModels;
  readonly activations: Pick<ManageActivations, 'start' | 'succeeded'>;
}

/** Makes a version the one that serves, and waits until it does. */
export class ActivateModel {
  constructor(private readonly parts: ActivateModelParts) {}

  /**
   * A backbone's activation goes on where the caller does not wait for its end.
   * @throws Failure MODEL_NOT_FOUND, MODEL_INVALID, MODEL_NOT_ASSESSED, MODEL_REJECTED, JOB_ALREADY_ACTIVE,
   *   STORED_CROP_DAMAGED
   */
  async execute(
    id: string,
    caller: Caller,
    assessment: AssessmentRule,
    control: CallControl,
  ): Promise<ActivatedModel> {
    const target = await this.parts.registry.get(id);
    return target.version.manifest.kind === 'detector'
      ? this.changeDetector(target, caller)
      : this.changeBackbone(target, caller, assessment, control);
  }

  private async changeDetector(target: StoredModelVersion, caller: Caller): Promise<ActivatedModel> {
    const { version } = target;
    const before = await this.parts.serve.changeDetector(target, async (previous) =>
      this.parts.active.changeDetector(version.id, {
        actor: caller.actor,
        tenant: caller.tenant,
        action: 'model.activate',
        target: `modelVersions/${version.id}`,
        details: { previous: `modelVersions/${previous.detector.version.id}` },
      }),
    );
    return { version, previousId: before.detector.version.id };
  }

  private async changeBackbone(
    { version }: StoredModelVersion,
    caller: Caller,
    assessment: AssessmentRule,
    control: CallControl,
  ): Promise<ActivatedModel> {
    const { backbone } = await this.parts.serve.activePair();
    if (backbone.version.id === version.id) {
      await this.parts.serve.execute();
      return { version, previousId: version.id };
    }
    const { id } = await this.parts.activations.start(version.id, caller, assessment);
    const { previousId } = await this.parts.activations.succeeded(id, control);
    await this.parts.serve.execute();
    return { version, previousId: previousId ?? backbone.version.id };
  }
}
