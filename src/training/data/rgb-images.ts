import type { AlignmentTemplate } from '../../core/faces/alignment-template.js';
import type { RgbImage } from '../../core/images/rgb-image.js';

/** @param images [n, H, W, 3], (x - 127.5) / 128, which single precision holds exactly */
export function rgbImages(
  images: Float32Array,
  { height, width }: Pick<AlignmentTemplate, 'height' | 'width'>,
): readonly RgbImage[] {
  const length = height * width * 3;
  return Array.from({ length: images.length / length }, (_, index) => {
    const values = images.subarray(index * length, (index + 1) * length);
    return { height, width, pixels: Uint8Array.from(values, (value) => value * 128 + 127.5) };
  });
}
