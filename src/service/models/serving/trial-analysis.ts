import type { FaceAnalysis, ServedModels } from '../../../inference/analyser/face-analysis.js';
import type { ModelRegistry, RegisteredModel } from '../../../storage/models/model-registry.js';
import type { TrialServing } from '../../../inference/workers/model-serving.js';
import type { MeasuredModels } from '../../../core/protocols/measured-models.js';
import { Failure } from '../../../core/failure.js';
import type { BackgroundAnalysis } from '../../../inference/workers/background-analysis.js';

/** The engine, as far as its models go. */
interface EngineOfModels extends TrialServing {
  readonly served: ServedModels | undefined;
}

/** Work beside the live calls, with the models that serve or with others. */
export class TrialAnalysis {
  constructor(
    private readonly engine: EngineOfModels,
    private readonly registry: Pick<ModelRegistry, 'get'>,
    private readonly background: BackgroundAnalysis,
  ) {}

  /** How many images keep all workers busy. */
  get parallel(): number {
    return this.background.parallel;
  }

  /** @throws Failure MODEL_NOT_FOUND, MODEL_INVALID where models that do not serve cannot be loaded */
  async by({ modelVersion, detectorVersion }: MeasuredModels): Promise<FaceAnalysis> {
    const { engine } = this;
    const { served } = engine;
    if (served?.backboneId === modelVersion && served.detectorId === detectorVersion) return this.background;
    const backbone = await this.requireBackbone(modelVersion);
    const pair = { backbone, detector: await this.registry.get(detectorVersion) };
    await engine.load(pair);
    return { analyse: async (requests, control) => engine.analyseWith(pair, requests, control) };
  }

  /** @throws Failure MODEL_NOT_FOUND */
  async requireBackbone(id: string): Promise<RegisteredModel> {
    const stored = await this.registry.get(id);
    if (stored.version.manifest.kind === 'backbone') return stored;
    throw new Failure('MODEL_NOT_FOUND', `${id} is a detector; name a backbone.`, { id });
  }
}
