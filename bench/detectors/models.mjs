import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { OnnxFaceEmbedder } from '../../dist/inference/embed/onnx-face-embedder.js';
import { OnnxSession } from '../../dist/inference/runtime/onnx-session.js';
import { createFaceDetector } from '../../dist/inference/detect/create-face-detector.js';
import { detectorDecoders } from '../../dist/inference/detect/detector-decoders.js';
import { LetterboxedFaceDetector } from '../../dist/inference/detect/letterboxed-face-detector.js';
import { preparePretrainedModels } from '../../dist/training/pretrained/prepare-pretrained-models.js';
import { ModelFiles } from '../../dist/storage/models/model-files.js';
import { retinaFacePreset } from '../../dist/core/models/presets.js';

const oneThread = { intraOpThreads: 1 };

/** The detectors of a data folder by their names, the shipped and the imported ones, and the shipped backbone. */
export async function loadModels(dataFolder) {
  const registry = new ModelFiles(dataFolder);
  const { backbone } = await preparePretrainedModels(registry);
  const detectors = {};
  for (const stored of await registry.list())
    if (stored.version.manifest.kind === 'detector')
      detectors[stored.version.manifest.displayName] = await createFaceDetector(stored, oneThread);
  return { detectors, embedder: await OnnxFaceEmbedder.load(backbone, oneThread) };
}

/** RetinaFace mobilenet0.25 from its file, which need not be registered. */
export async function loadRetinaFace(path) {
  const graph = await readFile(path);
  const sha256 = createHash('sha256').update(graph).digest('hex');
  const manifest = { ...retinaFacePreset, graphs: { detector: { fileName: 'retinaface.onnx', sha256 } } };
  const session = await OnnxSession.load(graph, oneThread);
  return new LetterboxedFaceDetector(session, manifest, detectorDecoders.retinaface);
}
