import sharp from 'sharp';

import {
  type AugmentationOptions,
  type BadCamera,
  drawAugmentation,
  jitter,
  keepOnly,
  type LowResolution,
  type SiteLook,
  withNoise,
} from '../../core/images/augmentation.js';
import { matchedTone } from '../../core/images/matched-tone.js';
import { type PictureMeasures, sideOfDetail } from '../../core/images/picture-measures.js';
import type { RgbImage } from '../../core/images/rgb-image.js';
import { uniformGenerator } from '../../core/random/seeded-random.js';
import type { TrainingCrop } from '../../learning/sampler/face-sample.js';

/**
 * A crop as one epoch sees it; its landmarks stay where they are.
 * @param seed of this face in this epoch
 * @param siteProfile what faces of the site look like, aligned to the same template
 */
export async function augmentCrop(
  { image, noseX }: TrainingCrop,
  options: AugmentationOptions,
  seed: number,
  siteProfile: readonly PictureMeasures[] = [],
): Promise<TrainingCrop> {
  const { kept, lowResolution, photometric, camera, site } = drawAugmentation(
    options,
    image,
    uniformGenerator(seed),
    siteProfile,
  );
  // First, while the picture is what it was when it was measured.
  let changed = site === undefined ? image : await asOfSite(image, site);
  if (kept !== undefined) changed = keepOnly(changed, kept);
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

/** Of the detail that a smaller image could hold, resampling passes on so much. */
const passedOn = 0.85;

async function asOfSite(image: RgbImage, { target, noiseSeed }: SiteLook): Promise<RgbImage> {
  const side = sideOfDetail(image, target.detailPixels);
  const coarse = side === undefined ? image : await atLowResolution(image, sizeOf(image, side / passedOn));
  return matchedTone(coarse, target, uniformGenerator(noiseSeed));
}

/** @param side the longer one */
function sizeOf({ width, height }: RgbImage, side: number): LowResolution {
  const scale = Math.min(1, side / Math.max(width, height));
  return {
    width: Math.max(1, Math.round(scale * width)),
    height: Math.max(1, Math.round(scale * height)),
    smaller: 'lanczos3',
    larger: 'cubic',
  };
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
