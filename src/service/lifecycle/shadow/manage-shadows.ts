import { invalidField } from '../../../core/invalid-field.js';
import type { Caller } from '../../access/caller.js';
import { Failure } from '../../../core/failure.js';
import type { Shadow } from './shadow.js';
import type { CurrentCalibrations } from '../../verification/calibration/current-calibrations.js';
import type { ModelPair } from '../../../inference/workers/model-serving.js';
import type { ModelRegistry } from '../../../storage/models/model-registry.js';
import type { ShadowStore } from './shadow.store.js';

interface ManageShadowsParts {
  readonly store: ShadowStore;
  readonly registry: Pick<ModelRegistry, 'get'>;
  readonly calibrations: Pick<CurrentCalibrations, 'judgement'>;
  readonly activePair: () => Promise<ModelPair>;
  /** Is told that another candidate is in the shadow, or none. */
  readonly onChanged: () => void;
}

/** Starts and stops the candidate that decides live verifications without a say in the answers. */
export class ManageShadows {
  constructor(private readonly parts: ManageShadowsParts) {}

  /**
   * @param share of verifications, above 0 to 1
   * @throws Failure INVALID_ARGUMENT, MODEL_NOT_FOUND; THRESHOLD_NOT_CALIBRATED where the candidate could decide nothing
   */
  async start(candidate: string, share: number, { actor, tenant }: Caller): Promise<Shadow> {
    const { store, registry, activePair, calibrations, onChanged } = this.parts;
    if (!(share > 0 && share <= 1)) throw invalidField('share', 'must be above 0 and at most 1');
    const { version } = await registry.get(candidate);
    const { manifest } = version;
    if (manifest.kind !== 'backbone') {
      throw new Failure('MODEL_NOT_FOUND', `${candidate} is a detector; name a backbone.`, { id: candidate });
    }
    const { backbone } = await activePair();
    if (backbone.version.id === candidate) throw invalidField('model_version', 'serves already');
    await calibrations.judgement(
      { similarityThreshold: undefined, falseMatchRate: undefined },
      {
        backboneId: candidate,
        ...(manifest.calibration && { calibration: manifest.calibration }),
        ...(manifest.similarityThreshold && { similarityThreshold: manifest.similarityThreshold }),
      },
    );
    const shadow = await store.start(candidate, share, {
      actor,
      tenant,
      action: 'shadow.start',
      target: `modelVersions/${candidate}`,
      details: { share: String(share) },
    });
    onChanged();
    return shadow;
  }

  /** @returns the one that ran; undefined where none did */
  async stop({ actor, tenant }: Caller): Promise<Shadow | undefined> {
    const stopped = await this.parts.store.stop({ actor, tenant, action: 'shadow.stop', details: {} });
    this.parts.onChanged();
    return stopped;
  }

  /** Lists the shadows, newest first. */
  async list(): Promise<readonly Shadow[]> {
    return this.parts.store.list();
  }
}
