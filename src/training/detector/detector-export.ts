import { createHash } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

import type {
  BundleFile,
  DetectorManifest,
  PixelNormalisation,
  TensorLayout,
} from '../../core/models/manifest.js';
import type { Weights } from '../../core/models/weights.js';
import { closeUpNetwork } from '../../learning/detectors/close-up-network.js';
import { compileDetectionGraph } from '../../learning/detectors/detection-graph.js';
import type { DetectorNetwork } from '../../learning/detectors/detector-network.js';
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

/** The graphs of one detector: the side in pixels that each takes, and its file. A close-up is half its face. */
export const DETECTOR_GRAPHS = {
  detector: { sidePixels: 320, fileName: 'detector.onnx' },
  detectorLarge: { sidePixels: 640, fileName: 'detector-large.onnx' },
  closeUp: { sidePixels: 128, fileName: 'close-up.onnx' },
} as const;

type DetectorGraph = (typeof DETECTOR_GRAPHS)[keyof typeof DETECTOR_GRAPHS];

/** The boxes of one face overlap by more; retinaFacePreset says why. */
export const MAXIMUM_OVERLAP = 0.3;

/** What the weights of close-ups came of ({@link DetectorOrigin}), beside them. */
const ORIGIN_FILE = 'origin.json';

/** A detector as the files of its bundle. */
export interface CompiledDetector {
  /** The graphs' files by name. */
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly graphs: DetectorManifest['graphs'];
}

/**
 * Compiles RetinaFace for each size of photographs that it looks at, and the network of close-ups where the weights have it.
 * @throws Failure MODEL_INVALID, naming the array that is missing or of another shape
 */
export function compileDetector(options: RetinaFaceOptions, weights: Weights): CompiledDetector {
  const files = new Map<string, Uint8Array>();
  const { detector, detectorLarge, closeUp } = DETECTOR_GRAPHS;
  const closeUps = closeUpNetwork(closeUp.sidePixels);
  const [ofCloseUps, ofPhotographs] = separated(weights, closeUps);
  const compiled = (fileName: string, network: DetectorNetwork, ofNetwork: Weights): BundleFile => {
    const graph = compileDetectionGraph(network, ofNetwork);
    files.set(fileName, graph);
    return { fileName, sha256: createHash('sha256').update(graph).digest('hex') };
  };
  const look = ({ sidePixels, fileName }: DetectorGraph): BundleFile =>
    compiled(fileName, retinaFace({ width: sidePixels, height: sidePixels }, options), ofPhotographs);
  const graphs = {
    detector: look(detector),
    detectorLarge: look(detectorLarge),
    ...(ofCloseUps.size > 0 ? { closeUp: compiled(closeUp.fileName, closeUps, ofCloseUps) } : {}),
  };
  return { files, graphs };
}

/** Arrays that a network has, and all others. */
function separated(
  weights: Weights,
  { parameters, statistics }: Pick<DetectorNetwork, 'parameters' | 'statistics'>,
): readonly [Weights, Weights] {
  const names = new Set([...parameters, ...statistics].map(({ name }) => name));
  const entries = [...weights];
  return [
    new Map(entries.filter(([name]) => names.has(name))),
    new Map(entries.filter(([name]) => !names.has(name))),
  ];
}

/** What a trained detector came of; `name` is its display name. */
export interface DetectorOrigin extends Pick<ModelOrigin, 'name' | 'license' | 'source'> {
  readonly training: NonNullable<DetectorManifest['training']>;
}

/** How the service has to use the graphs of a trained detector. */
export function detectorManifest(
  graphs: DetectorManifest['graphs'],
  { name, license, source, training }: DetectorOrigin,
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
    training,
  };
}

/**
 * Writes graphs, manifest and weights; of a network of close-ups, which is no detector by itself, the weights and what they came
 * of, for scripts/ship-detector.mjs. What was there goes.
 * @throws Failure STORAGE_FULL; the system's error
 */
export async function exportDetector(
  folder: string,
  { design, ...options }: RetinaFaceOptions & { readonly design: 'retinaface' | 'close-up' },
  weights: Weights,
  origin: DetectorOrigin,
  minimumProbability: number,
): Promise<void> {
  const { source, license } = origin;
  const written = new Map<string, Uint8Array | string>([
    [exportedFiles.weights, writeSafetensors(weights, { source, license })],
  ]);
  if (design === 'retinaface') {
    const { files, graphs } = compileDetector(options, weights);
    for (const [name, graph] of files) written.set(name, graph);
    const manifest = detectorManifest(graphs, origin, minimumProbability);
    written.set(exportedFiles.manifest, JSON.stringify(manifest, null, 2));
  } else written.set(ORIGIN_FILE, JSON.stringify(origin, null, 2));
  const temporary = `${folder}.writing`;
  try {
    await rm(temporary, { recursive: true, force: true });
    await mkdir(temporary, { recursive: true });
    for (const [name, content] of written) await writeDurably(join(temporary, name), content);
    await syncFolder(temporary);
    await rm(folder, { recursive: true, force: true });
    await rename(temporary, folder);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw storageFailure(error, folder);
  }
}
