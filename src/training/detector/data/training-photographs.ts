import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Failure } from '../../../core/failure.js';
import type { BoundingBox } from '../../../core/faces/landmarks.js';
import { mapLandmarks } from '../../../core/faces/landmarks.js';
import type { TrainedOnPhotographs } from '../../../core/models/manifest.js';
import { reduceRegion } from '../../../core/images/box-reduction.js';
import { resizeImage } from '../../../core/images/resize.js';
import type { RgbImage } from '../../../core/images/rgb-image.js';
import { datasetFailure } from '../../../datasets/dataset-failure.js';
import { labelLine } from '../../../datasets/face-labels/label-lines.js';
import type { FaceLabel, PhotographLabels } from '../../../datasets/face-labels/photograph-labels.js';
import { readLabels } from '../../../datasets/face-labels/read-labels.js';
import { SharpImageDecoder } from '../../../inference/decode/sharp-image-decoder.js';
import { nameShare } from '../name-share.js';
import {
  type DetectorDataSettings,
  type PhotographsSettings,
  setName,
} from './detector-data-configuration.js';

/** A photograph made smaller by powers of two; level 0 is the photograph. */
export interface PhotographLevel {
  readonly width: number;
  readonly height: number;
  /** Where its RGB bytes start in {@link TrainingPhotographs.pixels}. */
  readonly offset: number;
}

/** A decoded photograph with its labels, which are in pixels of level 0. */
export interface TrainingPhotograph {
  readonly width: number;
  readonly height: number;
  readonly levels: readonly PhotographLevel[];
  readonly faces: readonly FaceLabel[];
  /** How often it is drawn, beside others. */
  readonly weight: number;
}

/** Decoded photographs. Threads share the pixels when it is sent to them, as `workerData` or in a message. */
export interface TrainingPhotographs {
  readonly pixels: SharedArrayBuffer;
  readonly photographs: readonly TrainingPhotograph[];
}

/** No side of a level is shorter. */
const SMALLEST_LEVEL_PIXELS = 8;
/** Decoding waits for libuv's threads. */
const DECODED_AT_ONCE = 8;

/** A photograph that is going to be decoded. */
interface Planned {
  readonly labels: PhotographLabels;
  readonly path: string;
  readonly weight: number;
  readonly size: { readonly width: number; readonly height: number };
  readonly levels: readonly PhotographLevel[];
}

/**
 * Decodes the labelled photographs of the settings' split.
 * @throws Failure DATASET_INVALID naming a photograph that is not as it was labelled; TRAINING_DATA_INSUFFICIENT where the
 *   split has no face that detectors agree upon, or memory for nothing
 */
export async function loadTrainingPhotographs(settings: DetectorDataSettings): Promise<TrainingPhotographs> {
  const labelled = await chosenPhotographs(settings);
  if (!labelled.some(({ labels }) => labels.faces.some(({ agreed }) => agreed))) {
    throw new Failure(
      'TRAINING_DATA_INSUFFICIENT',
      `${settings.labels} has no face for split: ${settings.split} that detectors agree upon. Label the folders of ` +
        '"photographs" with "symface dataset label-faces", under the names of their sets.',
    );
  }
  const { planned, byteCount } = planWithin(labelled, settings.memoryBytes);
  const pixels = new SharedArrayBuffer(byteCount);
  const photographs = new Array<TrainingPhotograph>(planned.length);
  const queue = planned.entries();
  const decoder = new SharpImageDecoder();
  const lane = async (): Promise<void> => {
    for (const [index, plan] of queue) photographs[index] = await loaded(plan, pixels, decoder);
  };
  await Promise.all(Array.from({ length: DECODED_AT_ONCE }, lane));
  return { pixels, photographs };
}

/** Tells the labelled photographs of the settings' split without decoding them. @throws Failure DATASET_INVALID */
export async function trainedOnPhotographs(settings: DetectorDataSettings): Promise<TrainedOnPhotographs> {
  const photographs = await chosenPhotographs(settings);
  const digest = createHash('sha256');
  for (const { labels } of photographs) digest.update(labelLine(labels));
  const faces = photographs.flatMap(({ labels }) => labels.faces.filter(({ agreed }) => agreed));
  return {
    photographCount: photographs.length,
    faceCount: faces.length,
    dataSha256: digest.digest('hex'),
  };
}

async function chosenPhotographs(settings: DetectorDataSettings): Promise<readonly Chosen[]> {
  return (await readLabels(settings.labels)).flatMap((labels) => chosen(labels, settings) ?? []);
}

type Chosen = Pick<Planned, 'labels' | 'path' | 'weight'> & { readonly maximumSidePixels: number };

/** @returns undefined where the photograph is of another set or split, or shows no face */
function chosen(labels: PhotographLabels, settings: DetectorDataSettings): Chosen | undefined {
  const entry = settings.photographs.find((photographs) => setName(photographs) === labels.set);
  if (entry === undefined || labels.faces.length === 0) return undefined;
  if (splitOf(labels.file, entry) !== settings.split) return undefined;
  const weight = entry.oversample.reduce(
    (product, { match, weight: factor }) =>
      new RegExp(match, 'u').test(labels.file) ? product * factor : product,
    entry.weight,
  );
  return {
    labels,
    path: join(entry.path, labels.file),
    weight,
    maximumSidePixels: entry.maximumSidePixels,
  };
}

/** The split of a photograph: by the first folder of its path, or its name where it lies in none. */
export function splitOf(
  file: string,
  { validation }: Pick<PhotographsSettings, 'validation'>,
): DetectorDataSettings['split'] {
  if (validation === undefined) return 'train';
  const [folder = file] = file.split('/');
  const isHeldOut =
    'folders' in validation ? validation.folders.includes(folder) : nameShare(folder) < validation.share;
  return isHeldOut ? 'validation' : 'train';
}

/** Shrinks all photographs alike until they fit. @throws Failure TRAINING_DATA_INSUFFICIENT where they cannot */
function planWithin(
  labelled: readonly Chosen[],
  memoryBytes: number,
): { readonly planned: readonly Planned[]; readonly byteCount: number } {
  for (let shrink = 1; shrink > 1 / 16; shrink *= 0.85) {
    let byteCount = 0;
    const planned = labelled.map(({ maximumSidePixels, ...photograph }): Planned => {
      const { width, height } = photograph.labels;
      const scale = Math.min(1, (shrink * maximumSidePixels) / Math.max(width, height));
      const size = {
        width: Math.max(1, Math.round(width * scale)),
        height: Math.max(1, Math.round(height * scale)),
      };
      const levels = levelsOf(size.width, size.height, byteCount);
      byteCount += levels.reduce((sum, level) => sum + level.width * level.height * 3, 0);
      return { ...photograph, size, levels };
    });
    if (byteCount <= memoryBytes) return { planned, byteCount };
  }
  throw new Failure(
    'TRAINING_DATA_INSUFFICIENT',
    `${labelled.length} photographs do not fit into memoryBytes: ${memoryBytes}. Raise it, or label fewer.`,
  );
}

function levelsOf(width: number, height: number, offset: number): readonly PhotographLevel[] {
  const level = { width, height, offset };
  const [halfWidth, halfHeight] = [Math.floor(width / 2), Math.floor(height / 2)];
  if (Math.min(halfWidth, halfHeight) < SMALLEST_LEVEL_PIXELS) return [level];
  return [level, ...levelsOf(halfWidth, halfHeight, offset + width * height * 3)];
}

async function loaded(
  { labels, path, weight, size, levels }: Planned,
  pixels: SharedArrayBuffer,
  decoder: SharpImageDecoder,
): Promise<TrainingPhotograph> {
  const encoded = await readFile(path).catch((cause: unknown) => {
    throw datasetFailure({ file: path }, 'is labelled and cannot be read', cause);
  });
  const decoded = await decoder.decode(encoded);
  if (decoded.width !== labels.width || decoded.height !== labels.height) {
    const sizes = `${decoded.width}x${decoded.height} where ${labels.width}x${labels.height} was labelled`;
    throw datasetFailure({ file: path }, `has ${sizes}; label it anew`);
  }
  const image = resizeImage(decoded, size.width, size.height);
  writeLevels(image, levels, pixels);
  const [scaleX, scaleY] = [size.width / labels.width, size.height / labels.height];
  return { ...size, levels, weight, faces: labels.faces.map((face) => scaledLabel(face, scaleX, scaleY)) };
}

function writeLevels(image: RgbImage, levels: readonly PhotographLevel[], pixels: SharedArrayBuffer): void {
  let reduced = image;
  for (const [index, { width, height, offset }] of levels.entries()) {
    if (index > 0) reduced = reduceRegion(reduced, { x: 0, y: 0, width: 2 * width, height: 2 * height }, 2);
    new Uint8Array(pixels, offset, width * height * 3).set(reduced.pixels);
  }
}

function scaledLabel({ box, landmarks, ...face }: FaceLabel, scaleX: number, scaleY: number): FaceLabel {
  return {
    ...face,
    box: scaledBox(box, scaleX, scaleY),
    landmarks:
      landmarks === undefined
        ? undefined
        : mapLandmarks(landmarks, ({ x, y }) => ({ x: x * scaleX, y: y * scaleY })),
  };
}

function scaledBox({ x, y, width, height }: BoundingBox, scaleX: number, scaleY: number): BoundingBox {
  return { x: x * scaleX, y: y * scaleY, width: width * scaleX, height: height * scaleY };
}
