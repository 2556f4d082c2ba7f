import { type HalfStyle, splitHalves } from '../../core/faces/split-halves.js';
import { mirror } from '../../core/images/mirror.js';
import type { RgbImage } from '../../core/images/rgb-image.js';
import type { FacePart } from './epoch-sampler.js';

/** A face as a network sees it, before any flip or split. */
export interface TrainingCrop {
  readonly image: RgbImage;
  /** n_x in pixels of the crop; undefined where no landmarks are known */
  readonly noseX: number | undefined;
}

/** (x - 127.5) / 128 of each byte (SymFace section 4.2) */
const normalised = Float32Array.from({ length: 256 }, (_, value) => (value - 127.5) / 128);

/**
 * The image of one sample: mirrored first, and the nose with it, then split.
 * @param halves what the other side of a half is. Default: padded
 * @throws RangeError without a nose to split at
 */
export function samplePart(
  { image, noseX }: TrainingCrop,
  part: FacePart,
  isFlipped: boolean,
  halves?: HalfStyle,
): RgbImage {
  const shown = isFlipped ? mirror(image) : image;
  if (part === 'full') return shown;
  if (noseX === undefined) throw new RangeError('a face without landmarks cannot be split');
  return splitHalves(shown, isFlipped ? image.width - 1 - noseX : noseX, halves)[part];
}

/** Writes the pixels of an image, normalised, as sample `position` of a batch's images [B, H, W, 3]. */
export function writeSample({ pixels }: RgbImage, images: Float32Array, position: number): void {
  const target = images.subarray(position * pixels.length, (position + 1) * pixels.length);
  for (let index = 0; index < target.length; index++) target[index] = normalised[pixels[index] ?? 0] ?? 0;
}
