import type { Metrics } from '../platform/telemetry/metrics.js';
import { InferenceEngine } from '../../inference/workers/inference-engine.js';
import type { Configuration } from '../platform/configuration/configuration.js';
import { engineOptionsOf } from './engine-options.js';

/** Makes the engine of this process; no inference worker runs before there is something to do. */
export function createEngine(configuration: Configuration, metrics: Metrics): InferenceEngine {
  const engine = new InferenceEngine(engineOptionsOf(configuration), metrics);
  metrics.watch(engine);
  return engine;
}
