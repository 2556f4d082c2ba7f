import { chooseActiveVersion } from './active-version.js';
import { Mutex } from '../../../core/concurrency/mutex.js';
import { Failure } from '../../../core/failure.js';
import type { ActiveModelStore } from './active-model.store.js';
import type { ModelKind, ModelRegistry, RegisteredModel } from '../../../storage/models/model-registry.js';
import type { ModelPair, ModelServing } from '../../../inference/workers/model-serving.js';

/** A pair that serves from now on, and when each of the two became the active one. */
export interface ServedSince {
  readonly backbone: string;
  readonly backboneSince: string | undefined;
  readonly detector: string;
  readonly detectorSince: string | undefined;
  /** Who made each the active one, as the audit log names them. */
  readonly backboneBy: string | undefined;
  readonly detectorBy: string | undefined;
}

/** Which versions serve, and which did before. */
export interface ModelStandings {
  /** When each version that is active became so, by their ids. */
  readonly activeSince: ReadonlyMap<string, Date>;
  /** Ids of the versions that served before those. */
  readonly servedBefore: ReadonlySet<string>;
}

interface ServeActiveModelsParts {
  readonly registry: Pick<ModelRegistry, 'list'>;
  readonly active: Pick<ActiveModelStore, 'active' | 'choose'> & Partial<Pick<ActiveModelStore, 'activatedBy'>>;
  readonly serving: ModelServing;
  /** Display names of what serves where nothing was activated; absent: the first that was registered. */
  readonly preferred?: Partial<Readonly<Record<ModelKind, string>>>;
  /** Is told whenever another pair serves in this process. */
  readonly onServed?: (served: ServedSince) => void;
}

/** Serves the models that are active: at the start, and after each change, whoever made it. */
export class ServeActiveModels {
  /** One after another: each starts from what the one before it left. */
  private readonly mutex = new Mutex();

  constructor(private readonly parts: ServeActiveModelsParts) {}

  /**
   * Serves what should be active now: the version that was activated, else the default of its kind. Where that serves
   * already, nothing happens; where it cannot be loaded, the old models go on serving.
   * @throws Failure MODEL_NOT_FOUND where there is no model of a kind, or not the active one; MODEL_INVALID
   */
  async execute(): Promise<ModelPair> {
    return this.mutex.runExclusive(async () => {
      const pair = await this.activePair();
      const { serving, onServed } = this.parts;
      const { served } = serving;
      const unchanged =
        served?.backboneId === pair.backbone.version.id && served.detectorId === pair.detector.version.id;
      if (unchanged) return pair;
      await serving.serve(pair);
      onServed?.(await this.since(pair));
      return pair;
    });
  }

  /** What serves, or would serve, now. */
  async activePair(): Promise<ModelPair> {
    const stored = await this.parts.registry.list();
    return {
      backbone: this.present(await this.activeId('backbone', stored), stored, 'backbone'),
      detector: this.present(await this.activeId('detector', stored), stored, 'detector'),
    };
  }

  /** When each version that is active became so, by their ids. */
  async activeSince(): Promise<ReadonlyMap<string, Date>> {
    return (await this.standings()).activeSince;
  }

  /** Which versions of both kinds serve, and which served before them. */
  async standings(): Promise<ModelStandings> {
    const { active } = this.parts;
    const models = await Promise.all([active.active('backbone'), active.active('detector')]);
    const chosen = models.filter((model) => model !== undefined);
    return {
      activeSince: new Map(chosen.map(({ id, since }) => [id, since])),
      servedBefore: new Set(chosen.flatMap(({ previousId }) => previousId ?? [])),
    };
  }

  /** The first choice is recorded: other replicas, with other models at hand, make the same, and no import changes it. */
  private async activeId(kind: ModelKind, stored: readonly RegisteredModel[]): Promise<string | undefined> {
    const { active, preferred = {} } = this.parts;
    const versions = stored.map((entry) => entry.version);
    const activeId = (await active.active(kind))?.id;
    const chosenId = chooseActiveVersion(kind, versions, activeId, preferred[kind])?.id;
    if (activeId !== undefined || chosenId === undefined) return chosenId;
    const { id } = await active.choose(kind, chosenId);
    return chooseActiveVersion(kind, versions, id)?.id;
  }

  private async since({ backbone, detector }: ModelPair): Promise<ServedSince> {
    const since = await this.activeSince();
    const [backboneId, detectorId] = [backbone.version.id, detector.version.id];
    const by = async (id: string): Promise<string | undefined> => this.parts.active.activatedBy?.(id);
    return {
      backbone: backboneId,
      backboneSince: since.get(backboneId)?.toISOString(),
      detector: detectorId,
      detectorSince: since.get(detectorId)?.toISOString(),
      backboneBy: await by(backboneId),
      detectorBy: await by(detectorId),
    };
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
