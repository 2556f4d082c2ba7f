import type { FaceDetector } from './face-detector.js';
import type { RegisteredModel } from '../../storage/models/model-registry.js';
import { Failure } from '../../core/failure.js';
import type { DetectorManifest } from '../../core/models/manifest.js';
import { bundleFilePath } from '../runtime/bundle-file-path.js';
import { OnnxSession, type OnnxSessionOptions } from '../runtime/onnx-session.js';
import { BlazeFaceMeshDetector } from './blazeface-facemesh.js';
import { detectorDecoders, isSingleNetworkFamily } from './detector-decoders.js';
import { LetterboxedFaceDetector } from './letterboxed-face-detector.js';

/**
 * Loads a registered detector; its family decides how its outputs are read.
 * @throws Failure MODEL_INVALID where the version is no detector or a graph does not load
 */
export async function createFaceDetector(
  stored: RegisteredModel,
  options: OnnxSessionOptions,
): Promise<FaceDetector> {
  const { id, manifest } = stored.version;
  if (manifest.kind !== 'detector') {
    throw new Failure('MODEL_INVALID', `${id} is a ${manifest.kind}, not a detector`);
  }
  const load = (role: string): Promise<OnnxSession> => loadGraph(stored, manifest, role, options);
  if (isSingleNetworkFamily(manifest.family)) {
    const decoder = detectorDecoders[manifest.family];
    return new LetterboxedFaceDetector(await load('detector'), manifest, decoder);
  }
  return new BlazeFaceMeshDetector(await load('detector'), await load('landmarks'), manifest);
}

async function loadGraph(
  stored: RegisteredModel,
  manifest: DetectorManifest,
  role: string,
  options: OnnxSessionOptions,
): Promise<OnnxSession> {
  const graph = manifest.graphs[role];
  if (graph === undefined) {
    throw new Failure('MODEL_INVALID', `${stored.version.id} has no graph for "${role}"`);
  }
  return OnnxSession.load(bundleFilePath(stored, graph), options);
}
