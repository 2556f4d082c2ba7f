import { chooseActiveBackbone, chooseActiveDetector } from '../../domain/model/active-version.js';
import { Failure } from '../../domain/failure.js';
import type { ModelVersion } from '../../domain/model/manifest.js';
import type { EnrolledFaceStore } from '../ports/enrolled-face-store.js';
import type { ModelKind, ModelRegistry, StoredModelVersion } from '../ports/model-registry.js';
import type { ModelPair, ModelServing } from '../ports/model-serving.js';

export interface Activation {
  readonly version: ModelVersion;
  readonly previousId: string;
}

/** Decides which models serve, and changes them while traffic flows. */
export class ActivateModel {
  /** Activations run one after another: each starts from what the one before it left. */
  private lastActivation: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly registry: ModelRegistry,
    private readonly serving: ModelServing,
    private readonly faces: Pick<EnrolledFaceStore, 'countFacesWithout'>,
  ) {}

  /**
   * Serves what should be active now: an explicitly activated version, else the default of its kind. Where that
   * serves already, nothing happens.
   * @throws Failure MODEL_NOT_FOUND where there is no model of a kind
   */
  async serveActive(): Promise<ModelPair> {
    return this.inTurn(async () => {
      const pair = await this.activePair();
      const { served } = this.serving;
      const unchanged =
        served?.backboneId === pair.backbone.version.id && served.detectorId === pair.detector.version.id;
      if (!unchanged) await this.serving.serve(pair);
      return pair;
    });
  }

  /**
   * Serves this version, then records it as active. Where it cannot be loaded, nothing changes.
   * @throws Failure MODEL_NOT_FOUND, MODEL_INVALID; FACES_NOT_REEMBEDDED where enrolled faces could no longer be
   *   verified
   */
  async activate(id: string): Promise<Activation> {
    return this.inTurn(async () => {
      const target = await this.registry.get(id);
      const { kind } = target.version.manifest;
      const current = await this.activePair();
      if (kind === 'backbone' && current.backbone.version.id !== id) await this.requireReembedded(id);
      await this.serving.serve({ ...current, [kind]: target });
      await this.registry.setActiveId(kind, id);
      return { version: target.version, previousId: current[kind].version.id };
    });
  }

  /** Ids of the versions that serve, or would serve, now. */
  async activeIds(): Promise<ReadonlySet<string>> {
    const pair = await this.activePair();
    return new Set([pair.backbone.version.id, pair.detector.version.id]);
  }

  private async requireReembedded(backboneId: string): Promise<void> {
    const count = await this.faces.countFacesWithout(backboneId);
    if (count === 0) return;
    throw new Failure(
      'FACES_NOT_REEMBEDDED',
      `${count} enrolled faces have no template under ${backboneId}, and templates of different models cannot be ` +
        'compared. Delete the faces, or go on with the model that serves.',
      { model_version: backboneId, face_count: String(count) },
    );
  }

  private async activePair(): Promise<ModelPair> {
    const stored = await this.registry.list();
    const byId = new Map(stored.map((entry) => [entry.version.id, entry]));
    const versions = stored.map((entry) => entry.version);
    const backboneId = chooseActiveBackbone(versions, await this.registry.activeId('backbone'))?.id;
    const detectorId = chooseActiveDetector(versions, await this.registry.activeId('detector'))?.id;
    return {
      backbone: present(backboneId, byId, 'backbone'),
      detector: present(detectorId, byId, 'detector'),
    };
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.lastActivation.then(work);
    this.lastActivation = result.catch(() => undefined);
    return result;
  }
}

function present(
  id: string | undefined,
  stored: ReadonlyMap<string, StoredModelVersion>,
  kind: ModelKind,
): StoredModelVersion {
  const found = id === undefined ? undefined : stored.get(id);
  if (found === undefined) {
    throw new Failure(
      'MODEL_NOT_FOUND',
      `No ${kind} is installed. Run "symface prepare" to install the models that npm ships.`,
    );
  }
  return found;
}
