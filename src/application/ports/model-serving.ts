import type { StoredModelVersion } from './model-registry.js';
import type { ServedModels } from './face-analysis.js';

/** A backbone and a detector that serve together. */
export interface ModelPair {
  readonly backbone: StoredModelVersion;
  readonly detector: StoredModelVersion;
}

/** The running engine, as far as changing its models goes. */
export interface ModelServing {
  /** Undefined until the first {@link serve} has succeeded. */
  readonly served: ServedModels | undefined;
  /**
   * Loads and warms the pair, then moves all new calls to it. Calls that have begun finish on the old pair.
   * Where loading fails, the old pair goes on serving.
   * @throws Failure MODEL_INVALID with the reason
   */
  serve(pair: ModelPair): Promise<void>;
}
