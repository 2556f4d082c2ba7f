import type { ServedModels } from '../analyser/face-analysis.js';
import type { ModelPair } from './model-serving.js';

/** What a pair of models is called in answers. */
export function servedModels(pair: ModelPair): ServedModels {
  const { manifest } = pair.backbone.version;
  const threshold = manifest.kind === 'backbone' ? manifest.similarityThreshold : undefined;
  return {
    backboneId: pair.backbone.version.id,
    detectorId: pair.detector.version.id,
    ...(threshold === undefined ? {} : { similarityThreshold: threshold }),
  };
}
