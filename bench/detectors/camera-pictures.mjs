/**
 * Pictures as a camera of low resolution gives them: a crop of 160 pixels is averaged over areas to 44, gets noise of 7 grey
 * levels (standard deviation, each channel by itself), is compressed as JPEG of quality 40, and is enlarged to 160 again.
 */
import { createHash } from 'node:crypto';
import sharp from 'sharp';
import { resizeImage } from '../../dist/core/images/resize.js';
import { uniformGenerator } from '../../dist/core/random/seeded-random.js';

const SIDE = 160;
const CAMERA_SIDE = 44;
const NOISE_LEVELS = 7;
const JPEG_QUALITY = 40;

/**
 * @param crop the image as decoded
 * @param name of the picture; equal names are equal noise
 */
export async function cameraPicture(crop, name) {
  const small = resizeImage(crop, CAMERA_SIDE, CAMERA_SIDE);
  const seed = createHash('sha256').update(name).digest().readUInt32LE();
  const compressed = await recompressed(withNoise(small, uniformGenerator(seed)), JPEG_QUALITY);
  return resizeImage(compressed, SIDE, SIDE);
}

/** The image after JPEG of a quality from 1 to 100. */
export async function recompressed({ width, height, pixels }, quality) {
  const encoded = await sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality })
    .toBuffer();
  const { data } = await sharp(encoded).raw().toBuffer({ resolveWithObject: true });
  return { width, height, pixels: new Uint8Array(data.buffer, data.byteOffset, data.length) };
}

function withNoise({ width, height, pixels }, uniform) {
  const noisy = pixels.map((value) =>
    Math.min(255, Math.max(0, Math.round(value + NOISE_LEVELS * standardNormal(uniform)))),
  );
  return { width, height, pixels: noisy };
}

/** Box and Muller. */
function standardNormal(uniform) {
  return Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}
