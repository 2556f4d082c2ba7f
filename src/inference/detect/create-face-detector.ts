import type { FaceDetector } from './face-detector.js';
import type { RegisteredModel } from '../../storage/models/model-registry.js';
import { Failure } from '../../core/failure.js';
import type { BundleFile, DetectorManifest } from '../../core/models/manifest.js';
import { bundleFilePath } from '../runtime/bundle-file-path.js';
import { OnnxSession, type OnnxSessionOptions } from '../runtime/onnx-session.js';
import { CloseUpExaminer } from './close-up-examiner.js';
import { detectorDecoders } from './detector-decoders.js';
import type { DecodeFaces } from './detector-outputs.js';
import { OnnxFaceNetwork } from './onnx-face-network.js';
import { decodeCloseUp } from './retinaface.js';
import { SearchingFaceDetector } from './searching-face-detector.js';

/** The graphs of a detector by their roles (see `DetectorManifest`). */
export interface DetectorSessions {
  readonly detector: OnnxSession;
  readonly detectorLarge?: OnnxSession;
  readonly closeUp?: OnnxSession;
}

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
  const load = (graph: BundleFile): Promise<OnnxSession> =>
    OnnxSession.load(bundleFilePath(stored, graph), options);
  const { detector, detectorLarge, closeUp } = manifest.graphs;
  const sessions = {
    detector: await load(detector),
    ...(detectorLarge !== undefined && { detectorLarge: await load(detectorLarge) }),
    ...(closeUp !== undefined && { closeUp: await load(closeUp) }),
  };
  return detectorOfSessions(sessions, manifest, detectorDecoders[manifest.family]);
}

/** A detector of graphs that are loaded. */
export function detectorOfSessions(
  sessions: DetectorSessions,
  manifest: DetectorManifest,
  decode: DecodeFaces,
): FaceDetector {
  const network = (session: OnnxSession): OnnxFaceNetwork =>
    new OnnxFaceNetwork(session, { manifest, decode, batches: false });
  const { minimumProbability, maximumOverlap } = manifest;
  const first = network(sessions.detector);
  const large = sessions.detectorLarge === undefined ? first : network(sessions.detectorLarge);
  const closeUpNetwork =
    sessions.closeUp &&
    new OnnxFaceNetwork(sessions.closeUp, { manifest, decode: decodeCloseUp, batches: true });
  const closeUp =
    closeUpNetwork && new CloseUpExaminer({ closeUp: closeUpNetwork, first }, minimumProbability);
  return new SearchingFaceDetector(
    { first, large },
    { minimumProbability, maximumOverlap, ...(closeUp !== undefined && { closeUp }) },
  );
}
