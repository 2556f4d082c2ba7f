import { createHash } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

import type { DetectorManifest, PixelNormalisation, TensorLayout } from '../../core/models/manifest.js';
import type { Weights } from '../../core/models/weights.js';
import { compileDetectionGraph } from '../../learning/detectors/detection-graph.js';
import { retinaFace, type RetinaFaceOptions } from '../../learning/detectors/retinaface.js';
import { storageFailure, syncFolder, writeDurably } from '../../storage/files/durable-files.js';
import { writeSafetensors } from '../../storage/weights/safetensors.js';
import { exportedFiles, type ModelOrigin } from '../export/export-model.js';

/** How detectors that are trained here take pixels. */
export const DETECTOR_PIXELS: PixelNormalisation & TensorLayout = {
  layout: 'NCHW',
  channelOrder: 'RGB',
  mean: [127.5, 127.5, 127.5],
  scale: [128, 128, 128],
};

/** The graphs of one detector: the side in pixels that each takes, and its file. */
export const DETECTOR_GRAPHS = {
  detector: { sidePixels: 320, fileName: 'detector.onnx' },
  detectorLarge: { sidePixels: 640, fileName: 'detector-large.onnx' },
  closeUp: { sidePixels: 160, fileName: 'close-up.onnx' },
} as const;

/** The boxes of one face overlap by more; retinaFacePreset says why. */
export const MAXIMUM_OVERLAP = 0.3;

/** A detector as the files of its bundle. */
export interface CompiledDetector {
  /** The graphs' files by name. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly graphs: DetectorManifest['graphs'];
}

/** Compiles the same weights for each size that a detector looks in. */
export function compileDetector(options: RetinaFaceOptions, weights: Weights): CompiledDetector {
  const files = new Map<string, Uint8Array>();
  const compiled = ({ sidePixels, fileName }: (typeof DETECTOR_GRAPHS)[keyof typeof DETECTOR_GRAPHS]) => {
    const size = { width: sidePixels, height: sidePixels };
    const graph = compileDetectionGraph(retinaFace(size, options), weights);
    files.set(fileName, graph);
    return { fileName, sha256: createHash('sha256').update(graph).digest('hex') };
  };
  const graphs = {
    detector: compiled(DETECTOR_GRAPHS.detector),
    detectorLarge: compiled(DETECTOR_GRAPHS.detectorLarge),
    closeUp: compiled(DETECTOR_GRAPHS.closeUp),
  };
  return { files, graphs };
}

/** How the service has to use the graphs of a trained detector. */
export function detectorManifest(
  graphs: DetectorManifest['graphs'],
  { name, license, source }: Pick<ModelOrigin, 'name' | 'license' | 'source'>,
  minimumProbability: number,
): DetectorManifest {
  const { sidePixels } = DETECTOR_GRAPHS.detector;
  return {
    schemaVersion: 1,
    kind: 'detector',
    displayName: name,
    license,
    source,
    family: 'retinaface',
    graphs,
    input: { ...DETECTOR_PIXELS, width: sidePixels, height: sidePixels },
    minimumProbability,
    maximumOverlap: MAXIMUM_OVERLAP,
  };
}

/**
 * Writes graphs, manifest and weights; in place of what was there.
 * @throws Failure STORAGE_FULL; the system's error
 */
export async function exportDetector(
  folder: string,
  options: RetinaFaceOptions,
  weights: Weights,
  origin: Pick<ModelOrigin, 'name' | 'license' | 'source'>,
  minimumProbability: number,
): Promise<void> {
  const { files, graphs } = compileDetector(options, weights);
  const manifest = detectorManifest(graphs, origin, minimumProbability);
  const temporary = `${folder}.writing`;
  try {
    await rm(temporary, { recursive: true, force: true });
    await mkdir(temporary, { recursive: true });
    for (const [name, graph] of files) await writeDurably(join(temporary, name), graph);
    const { source, license } = origin;
    await writeDurably(
      join(temporary, exportedFiles.weights),
      writeSafetensors(weights, { source, license }),
    );
    await writeDurably(join(temporary, exportedFiles.manifest), JSON.stringify(manifest, null, 2));
    await syncFolder(temporary);
    await rm(folder, { recursive: true, force: true });
    await rename(temporary, folder);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw storageFailure(error, folder);
  }
}
