import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { preparePretrainedModels } from '../../dist/training/pretrained/prepare-pretrained-models.js';
import { FileModelRegistry } from '../../dist/storage/models/file-model-registry.js';
import { OnnxFaceEmbedder } from '../../dist/inference/embed/onnx-face-embedder.js';

/** The models that npm ships, in a registry of the benchmarks' own. */
export async function defaultModels() {
  const registry = new FileModelRegistry(join(tmpdir(), 'symface-bench-detectors'));
  const { backbone, detector } = await preparePretrainedModels(registry);
  return { backbone, detector };
}

/** @param augmentation `none` or `horizontal-flip`, whatever the manifest says */
export function loadEmbedder(backbone, augmentation) {
  const { version, folder } = backbone;
  const embedding = { ...version.manifest.embedding, testTimeAugmentation: augmentation };
  const manifest = { ...version.manifest, embedding };
  return OnnxFaceEmbedder.load({ folder, version: { ...version, manifest } }, { intraOpThreads: 1 });
}
