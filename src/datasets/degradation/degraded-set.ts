import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, extname } from 'node:path';
import { Failure } from '../../core/failure.js';
import type { RgbImage } from '../../core/images/rgb-image.js';
import { uniformGenerator } from '../../core/random/seeded-random.js';
import type { SharpImageDecoder } from '../../inference/decode/sharp-image-decoder.js';
import { encodePng } from '../../inference/decode/sharp-image-encoder.js';
import type { FoundImage } from '../identities/identity-images.js';
import { pixelShift, type ShiftedFace } from './domain-shifts.js';
import { seedOf } from './random-numbers.js';
import type { PixelShiftName } from './shift-names.js';

/** The face that an image is about, as a detector or a file of tags says. */
export interface FoundFace extends ShiftedFace {
  readonly yawDegrees: number;
}

/** Finds the face that an image is about; undefined where there is none. @throws Failure `IMAGE_…` of what cannot be decoded */
export type FindFace = (image: FoundImage, encoded: Uint8Array) => Promise<FoundFace | undefined>;

/** What became of an image. */
export type ImageOutcome = 'written' | 'no-face' | 'unreadable';

/** A shift with all that its result depends on, besides the images. */
export interface SetShift {
  readonly shift: PixelShiftName;
  readonly seed: number;
}

/** What images are degraded with. */
export interface DegradationParts {
  readonly decoder: Pick<SharpImageDecoder, 'decode'>;
  readonly findFace: FindFace;
}

/**
 * Degrades one image of a set and writes it as PNG. What is drawn depends on the seed, the shift and the image's name alone, so
 * that the same file comes out whatever else is degraded, and in whatever order.
 * @param path where it is written; folders are made
 * @throws the system's error where the image cannot be read or written; what `findFace` throws that is not of the image
 */
export async function degradeImage(
  image: FoundImage,
  path: string,
  shift: SetShift,
  parts: DegradationParts,
): Promise<ImageOutcome> {
  try {
    const degraded = await shifted(image, shift, parts);
    if (degraded === undefined) return 'no-face';
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, await encodePng(degraded));
    return 'written';
  } catch (error) {
    if (error instanceof Failure && error.reason.startsWith('IMAGE_')) return 'unreadable';
    throw error;
  }
}

/** @returns undefined where the shift needs a face, and there is none */
async function shifted(
  image: FoundImage,
  { shift, seed }: SetShift,
  { decoder, findFace }: DegradationParts,
): Promise<RgbImage | undefined> {
  const change = pixelShift(shift);
  const encoded = await readFile(image.path);
  const picture = {
    image: await decoder.decode(encoded),
    uniform: uniformGenerator(seedOf(seed, shift, image.name)),
  };
  if (!change.needsFace) return change.apply(picture);
  const face = await findFace(image, encoded);
  return face && change.apply(picture, face);
}

/**
 * The place of each degraded image below the set's folder: the image's own, with `.png` for its extension; after it where two
 * images differ in that alone.
 */
export function pngNames(images: readonly FoundImage[]): readonly string[] {
  const stems = images.map(({ name }) => name.slice(0, name.length - extname(name).length));
  const counts = new Map<string, number>();
  for (const stem of stems) counts.set(stem, (counts.get(stem) ?? 0) + 1);
  return images.map(({ name }, index) => {
    const stem = stems[index] ?? name;
    return counts.get(stem) === 1 ? `${stem}.png` : `${name}.png`;
  });
}
