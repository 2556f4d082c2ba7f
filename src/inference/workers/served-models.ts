import type { ServedModels } from '../analyser/face-analysis.js';
import type { ModelPair } from './model-serving.js';

/** What a pair of models is called in answers. */
export function servedModels(pair: ModelPair): ServedModels {
  const { manifest } = pair.backbone.version;
  if (manifest.kind !== 'backbone') throw new Error(`${pair.backbone.version.id} is no backbone`);
  const { calibration, similarityThreshold } = manifest;
  return {
    backboneId: pair.backbone.version.id,
    detectorId: pair.detector.version.id,
    embeddingDimension: manifest.embedding.dimension,
    ...(calibration !== undefined && { calibration }),
    ...(similarityThreshold !== undefined && { similarityThreshold }),
  };
}
