import { chooseActiveBackbone, chooseActiveDetector } from './active-version.js';
import { Mutex } from '../../../core/concurrency/mutex.js';
import { Failure } from '../../../core/failure.js';
import type { ActiveModelStore } from './active-model.store.js';
import type { ModelKind, ModelRegistry, RegisteredModel } from '../../../storage/models/model-registry.js';
import type { ModelPair, ModelServing } from '../../../inference/workers/model-serving.js';

/** Serves the models that are active: at the start, and after each change, whoever made it. */
export class ServeActiveModels {
  /** One after another: each starts from what the one before it left. */
  private readonly mutex = new Mutex();

  constructor(
    private readonly registry: ModelRegistry,
    private readonly active: Pick<ActiveModelStore, 'active' | 'choose'>,
    private readonly serving: ModelServing,
    /** Display name of the backbone that serves where none was activated; absent: the first that was registered. */
    private readonly preferredBackbone?: string,
  ) {}

  /**
   * Serves what should be active now: the version that was activated, else the default of its kind. Where that serves
   * already, nothing happens; where it cannot be loaded, the old models go on serving.
   * @throws Failure MODEL_NOT_FOUND where there is no model of a kind, or not the active one; MODEL_INVALID
   */
  async execute(): Promise<ModelPair> {
    return this.mutex.runExclusive(async () => {
      const pair = await this.activePair();
      const { served } = this.serving;
      const unchanged =
        served?.backboneId === pair.backbone.version.id && served.detectorId === pair.detector.version.id;
      if (!unchanged) await this.serving.serve(pair);
      return pair;
    });
  }

  /** What serves, or would serve, now. */
  async activePair(): Promise<ModelPair> {
    const stored = await this.registry.list();
    const versions = stored.map((entry) => entry.version);
    const detectorId = (await this.active.active('detector'))?.id;
    return {
      backbone: this.present(await this.activeBackboneId(stored), stored, 'backbone'),
      detector: this.present(chooseActiveDetector(versions, detectorId)?.id, stored, 'detector'),
    };
  }

  /** The first choice is recorded: other replicas, with other models at hand, make the same. */
  private async activeBackboneId(stored: readonly RegisteredModel[]): Promise<string | undefined> {
    const versions = stored.map((entry) => entry.version);
    const activeId = (await this.active.active('backbone'))?.id;
    const chosenId = chooseActiveBackbone(versions, activeId, this.preferredBackbone)?.id;
    if (activeId !== undefined || chosenId === undefined) return chosenId;
    const { id } = await this.active.choose('backbone', chosenId);
    return chooseActiveBackbone(versions, id)?.id;
  }

  private present(
    id: string | undefined,
    stored: readonly RegisteredModel[],
    kind: ModelKind,
  ): RegisteredModel {
    const found = stored.find(({ version }) => version.id === id);
    if (found !== undefined) return found;
    throw new Failure(
      'MODEL_NOT_FOUND',
      `No ${kind} is installed. Run "symface prepare" to install the models that come with SymFace.`,
    );
  }
}
