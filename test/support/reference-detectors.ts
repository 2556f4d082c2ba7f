import { readFile } from 'node:fs/promises';

import { OnnxSession } from '../../src/inference/runtime/onnx-session.js';
import { detectorDecoders } from '../../src/inference/detect/detector-decoders.js';
import { detectorOfSessions } from '../../src/inference/detect/create-face-detector.js';
import type { FaceDetector } from '../../src/inference/detect/face-detector.js';
import { detectorPresets } from '../../src/core/models/presets.js';
import { sharedPath } from './shared-data.js';

/** The detectors of ../shared/models with the family that each belongs to. */
export const referenceDetectorFiles = [
  { fileName: 'retinaface_mobilenet0.25_640.onnx', family: 'retinaface' },
  { fileName: 'scrfd_2.5g_bnkps_dynamic.onnx', family: 'scrfd' },
  { fileName: 'scrfd_500m_bnkps_640.onnx', family: 'scrfd' },
  { fileName: 'yunet_n_dynamic.onnx', family: 'yunet' },
] as const;

export type ReferenceDetectorFile = (typeof referenceDetectorFiles)[number];

/** A reference detector on one thread, as its preset says. */
export async function loadReferenceDetector(file: ReferenceDetectorFile): Promise<FaceDetector> {
  const graph = await readFile(sharedPath('models', file.fileName));
  const session = await OnnxSession.load(graph, { intraOpThreads: 1 });
  const manifest = {
    ...detectorPresets[file.family],
    displayName: 'reference',
    license: 'for tests only',
    source: file.fileName,
    graphs: { detector: { fileName: file.fileName, sha256: '0'.repeat(64) } },
  };
  return detectorOfSessions({ detector: session }, manifest, detectorDecoders[file.family]);
}
