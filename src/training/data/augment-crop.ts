import sharp from 'sharp';

import {
  type AugmentationOptions,
  type BadCamera,
  drawAugmentation,
  jitter,
  keepOnly,
  type LowResolution,
  withNoise,
} from '../../core/images/augmentation.js';
import type { RgbImage } from '../../core/images/rgb-image.js';
import { uniformGenerator } from '../../core/random/seeded-random.js';
import type { TrainingCrop } from '../../learning/sampler/face-sample.js';

/** A crop as one epoch sees it; its landmarks stay where they are. @param seed of this face in this epoch */
export async function augmentCrop(
  { image, noseX }: TrainingCrop,
  options: AugmentationOptions,
  seed: number,
): Promise<TrainingCrop> {
  const { kept, lowResolution, photometric, camera } = drawAugmentation(
    options,
    image,
    uniformGenerator(seed),
  );
  let changed = kept === undefined ? image : keepOnly(image, kept);
  if (lowResolution !== undefined) changed = await atLowResolution(changed, lowResolution);
  if (photometric !== undefined) changed = jitter(changed, photometric);
  if (camera !== undefined) changed = await asBadCamera(changed, camera);
  return { image: changed, noseX };
}

async function atLowResolution(
  image: RgbImage,
  { smaller, larger, ...size }: LowResolution,
): Promise<RgbImage> {
  const small = await resized(image, size.width, size.height, smaller);
  return resized(small, image.width, image.height, larger);
}

async function asBadCamera(
  image: RgbImage,
  { size, noiseDeviation, noiseSeed, jpegQuality }: BadCamera,
): Promise<RgbImage> {
  const small = await resized(image, size.width, size.height, size.smaller);
  const { pixels, width, height } = withNoise(small, noiseDeviation, uniformGenerator(noiseSeed));
  const raw = { width, height, channels: 3 } as const;
  const jpeg = await sharp(pixels, { raw }).jpeg({ quality: jpegQuality }).toBuffer();
  const decoded = await sharp(jpeg).raw().toBuffer();
  return resized({ width, height, pixels: new Uint8Array(decoded) }, image.width, image.height, size.larger);
}

async function resized(
  { width, height, pixels }: RgbImage,
  newWidth: number,
  newHeight: number,
  kernel: LowResolution['smaller'],
): Promise<RgbImage> {
  const resampled = await sharp(pixels, { raw: { width, height, channels: 3 } })
    .resize(newWidth, newHeight, { fit: 'fill', kernel })
    .raw()
    .toBuffer();
  return { width: newWidth, height: newHeight, pixels: new Uint8Array(resampled) };
}
