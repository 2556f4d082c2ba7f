import type { RegisteredModel } from '../../storage/models/model-registry.js';
import type { AnalysisBatch, AnalysisRequest, CallControl, ServedModels } from '../analyser/face-analysis.js';

/** A backbone and a detector that serve together. */
export interface ModelPair {
  readonly backbone: RegisteredModel;
  readonly detector: RegisteredModel;
}

/** The running engine, as far as changing its models goes. */
export interface ModelServing {
  /** The models that serve; undefined until the first {@link serve} has succeeded. */
  readonly served: ServedModels | undefined;
  /**
   * Loads and warms the pair, then moves all new calls to it. Calls that have begun finish on the old pair.
   * Where loading fails, the old pair goes on serving.
   * @throws Failure MODEL_INVALID with the reason
   */
  serve(pair: ModelPair): Promise<void>;
}

/** Models beside those that serve, on workers that take what live calls leave of the cores. */
export interface TrialServing {
  /** Loads and warms the pair, unless it is there. @throws Failure MODEL_INVALID with the reason */
  load(pair: ModelPair): Promise<void>;
  /** @throws Failure of {@link load}, SHUTTING_DOWN */
  analyseWith(
    pair: ModelPair,
    requests: readonly AnalysisRequest[],
    control: CallControl,
  ): Promise<AnalysisBatch>;
}
