import { Failure } from '../../core/failure.js';
import type { DatasetImage, DatasetPair } from '../../core/protocols/benchmark-dataset.js';
import type { HalfStyle } from '../../core/faces/split-halves.js';
import type { Landmarks } from '../../core/faces/landmarks.js';
import { laplacianVariance, lumaOf } from '../../core/images/luma.js';
import type { AlignmentTemplate } from '../../core/faces/alignment-template.js';
import { drawPairs } from '../../core/protocols/drawn-pairs.js';
import { defaultTagFile } from '../../datasets/tags/default-tag-file.js';
import { readDataset } from '../../datasets/verification/verification-formats.js';
import { readTags } from '../../datasets/tags/read-tags.js';
import { SharpImageDecoder } from '../../inference/decode/sharp-image-decoder.js';
import type { TrainingCrop } from '../../learning/sampler/face-sample.js';
import { trainingCrop } from '../data/training-crop.js';
import type { HeldOutFaces } from '../data/held-out-faces.js';
import type { EvaluationConfiguration } from '../configuration/training-configuration.js';

/** A face of a protocol, aligned. */
export interface EvaluatedFace extends TrainingCrop {
  /** Frontness; 0 where none is known */
  readonly rho: number;
  /** Variance of the Laplacian of the crop's luma */
  readonly sharpness: number;
}

/** A verification protocol with its faces in memory, since it is measured again and again in a run. */
export interface EvaluationSet {
  readonly name: string;
  readonly images: readonly DatasetImage[];
  readonly pairs: readonly DatasetPair[];
  readonly foldCount: number;
  /** One an image; undefined where no face was found. */
  readonly faces: readonly (EvaluatedFace | undefined)[];
  /** What the other side of a half is, where halves are measured. Default: padded */
  readonly halves?: HalfStyle;
}

const facesAtATime = 8;
const heldOutFolds = 10;
/** The name of the set of identities that are held out. */
export const heldOutSet = 'held-out';

/** A protocol whose faces are read one by one. */
export interface OpenBenchmark extends Omit<EvaluationSet, 'faces'> {
  /**
   * @returns undefined where no face was found
   * @throws Failure DATASET_INVALID naming an image that cannot be used or has no tag
   */
  readonly face: (image: number) => Promise<EvaluatedFace | undefined>;
}

/**
 * A benchmark of aligned crops, or of photographs that have tags.
 * @throws Failure DATASET_INVALID naming an image that cannot be used or has no tag
 */
export async function loadBenchmark(
  configuration: EvaluationConfiguration,
  pathOf: (named: string) => string,
  alignment: AlignmentTemplate,
): Promise<EvaluationSet> {
  const { face, ...benchmark } = await openBenchmark(configuration, pathOf, alignment);
  return { ...benchmark, faces: await inLanes(benchmark.images, (_, index) => face(index)) };
}

/**
 * Opens a benchmark as {@link loadBenchmark} does, with no face in memory yet.
 * @throws Failure DATASET_INVALID
 */
export async function openBenchmark(
  { name, format, path, images: imageFolder, kind, tags }: EvaluationConfiguration,
  pathOf: (named: string) => string,
  alignment: AlignmentTemplate,
): Promise<OpenBenchmark> {
  const located = pathOf(path);
  const folder = imageFolder === '' ? '' : pathOf(imageFolder);
  const dataset = await readDataset({ format, path: located, imageFolder: folder, imageKind: kind });
  const isPhotograph = dataset.kind === 'photograph';
  const tagged = isPhotograph
    ? await taggedFaces(tags === undefined ? await defaultTagFile(located) : pathOf(tags))
    : new Map<string, TaggedFace>();
  const face = async (index: number): Promise<EvaluatedFace | undefined> => {
    const image = dataset.images[index];
    if (image === undefined) throw new RangeError(`there is no image ${index}`);
    const tag = tagged.get(image.name);
    if (isPhotograph && tag === undefined) {
      const message = `${name}: ${image.name} has no tag, and photographs are aligned by theirs: run symface dataset tag`;
      throw new Failure('DATASET_INVALID', message, { file: image.name });
    }
    if (isPhotograph && tag?.landmarks === undefined) return undefined;
    const encoded = await dataset.read(index);
    return cropOf(encoded, image.name, dataset.kind, tag, alignment);
  };
  return { name, images: dataset.images, pairs: dataset.pairs, foldCount: dataset.foldCount, face };
}

/** Pairs of faces of identities that are not trained on. */
export async function loadHeldOut(
  heldOut: HeldOutFaces,
  pairCount: number,
  seed: number,
  alignment: AlignmentTemplate,
): Promise<EvaluationSet> {
  const { faces: located, labels, identities } = heldOut;
  const faces = await inLanes(located, async ({ read, name, imageKind, landmarks, rho }) =>
    cropOf(await read(), name, imageKind, { landmarks, rho }, alignment),
  );
  const pairs = drawPairs(labels, pairCount, seed);
  return {
    name: heldOutSet,
    images: located.map(({ name }, face) => ({ name, identity: identities[labels[face] ?? 0] })),
    pairs,
    foldCount: Math.min(heldOutFolds, pairs.length),
    faces,
  };
}

interface TaggedFace {
  readonly landmarks: Landmarks | undefined;
  readonly rho: number;
}

async function taggedFaces(path: string): Promise<ReadonlyMap<string, TaggedFace>> {
  const tags = new Map<string, TaggedFace>();
  await readTags(path, ({ image, face }) => {
    tags.set(image, { landmarks: face?.landmarks, rho: face?.rho ?? 0 });
  });
  return tags;
}

const decoder = new SharpImageDecoder();

async function cropOf(
  encoded: Uint8Array,
  name: string,
  imageKind: 'photograph' | 'aligned-crop',
  tag: TaggedFace | undefined,
  alignment: AlignmentTemplate,
): Promise<EvaluatedFace> {
  const location = { kind: 'file', path: name } as const;
  const face = { face: 0, name, location, imageKind, landmarks: tag?.landmarks, digestStart: undefined };
  const crop = await trainingCrop(encoded, face, decoder, alignment);
  const sharpness = laplacianVariance(lumaOf(crop.image), alignment.width);
  return { ...crop, rho: tag?.rho ?? 0, sharpness };
}

/** Results in the order of the elements. */
async function inLanes<Element, Result>(
  elements: readonly Element[],
  work: (element: Element, index: number) => Promise<Result>,
): Promise<readonly Result[]> {
  const results = new Array<Result>(elements.length);
  const queue = elements.entries();
  const lane = async (): Promise<void> => {
    for (const [index, element] of queue) results[index] = await work(element, index);
  };
  await Promise.all(Array.from({ length: facesAtATime }, lane));
  return results;
}
