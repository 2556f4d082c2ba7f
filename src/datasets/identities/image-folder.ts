import { readFile, stat } from 'node:fs/promises';
import { join, normalize } from 'node:path';
import type {
  DatasetImage,
  DatasetImageKind,
  DatasetPair,
  VerificationDataset,
} from '../../core/protocols/benchmark-dataset.js';
import { datasetFailure } from '../dataset-failure.js';

/** A pair as a list names it: paths below the folder of images, and where it stands. */
export interface ListedPair {
  readonly first: DatasetImage;
  readonly second: DatasetImage;
  readonly genuine: boolean;
  readonly line: number;
}

const checksAtATime = 64;

/**
 * A data set of image files. Every file is looked for first: one that is missing must not silently shrink the protocol.
 * @param list name of the file that the pairs were read from, for messages
 * @throws Failure DATASET_INVALID naming the line of the first pair without its image
 */
export async function folderDataset(
  folder: string,
  list: string,
  listed: readonly ListedPair[],
  kind: DatasetImageKind,
  foldCount: number,
): Promise<VerificationDataset> {
  if (listed.length === 0) throw datasetFailure({ file: list }, 'holds no pair');
  const images: DatasetImage[] = [];
  const indexOf = new Map<string, number>();
  const firstLine: number[] = [];
  const indexed = (image: DatasetImage, line: number): number => {
    const known = indexOf.get(image.name);
    if (known !== undefined) return known;
    requireInside(image.name, list, line);
    indexOf.set(image.name, images.length);
    firstLine.push(line);
    return images.push(image) - 1;
  };
  const pairs = listed.map(({ first, second, genuine, line }): DatasetPair => ({
    first: indexed(first, line),
    second: indexed(second, line),
    genuine,
  }));
  await requireImages(folder, list, images, firstLine);
  return {
    kind,
    images,
    pairs,
    foldCount: Math.min(foldCount, pairs.length),
    read: async (index) => readFolderImage(folder, images[index]),
  };
}

/** A list is data: it must not lead out of the folder. @throws Failure DATASET_INVALID naming the line */
export function requireInside(name: string, list: string, line: number): void {
  const path = normalize(name);
  const leadsOut = path.startsWith('..') || path.startsWith('/') || name.includes('\0') || name === '';
  if (leadsOut) throw datasetFailure({ file: list, line }, `names an image outside of the data set: ${name}`);
}

/** @throws Failure DATASET_INVALID naming the line of the first image that is not there */
export async function requireImages(
  folder: string,
  list: string,
  images: readonly DatasetImage[],
  firstLine: readonly number[],
): Promise<void> {
  for (let start = 0; start < images.length; start += checksAtATime) {
    const batch = images.slice(start, start + checksAtATime);
    const found = await Promise.all(
      batch.map(async ({ name }) =>
        stat(join(folder, name)).then(
          (entry) => entry.isFile(),
          () => false,
        ),
      ),
    );
    const missing = found.indexOf(false);
    if (missing < 0) continue;
    const place = { file: list, line: firstLine[start + missing] ?? 0 };
    throw datasetFailure(place, `names an image that is not there: ${batch[missing]?.name ?? ''}`);
  }
}

/**
 * The bytes of an image.
 * @throws Failure DATASET_INVALID naming an image that cannot be read; RangeError where there is none
 */
async function readFolderImage(folder: string, image: DatasetImage | undefined): Promise<Uint8Array> {
  if (image === undefined) throw new RangeError('there is no such image in the data set');
  return readFile(join(folder, image.name)).catch((cause: unknown) => {
    throw datasetFailure({ file: image.name }, 'cannot be read', cause);
  });
}
