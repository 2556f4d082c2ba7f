/** The ways through sharp that degradations take. */
import sharp, { type Sharp } from 'sharp';
import type { RgbImage } from '../../core/images/rgb-image.js';

/** A pipeline of sharp's that begins with an image. */
export function pipelineOf({ width, height, pixels }: RgbImage): Sharp {
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

/** The pixels at the end of a pipeline of sharp's. */
export async function pixelsOf(pipeline: Sharp): Promise<RgbImage> {
  const { data, info } = await pipeline
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const pixels = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { width: info.width, height: info.height, pixels };
}

/** The image after JPEG of a quality from 1 to 100. */
export async function recompressed(image: RgbImage, quality: number): Promise<RgbImage> {
  const encoded = await pipelineOf(image)
    .jpeg({ quality: Math.round(quality) })
    .toBuffer();
  return pixelsOf(sharp(encoded));
}

/** Each value of each channel by a function, rounded and held within a byte. */
export function mapped(image: RgbImage, valueOf: (value: number) => number): RgbImage {
  const values = Uint8ClampedArray.from(image.pixels, (value) => Math.round(valueOf(value)));
  return { ...image, pixels: new Uint8Array(values.buffer) };
}

/** The image with SVG elements drawn over it. */
export async function drawnOver(image: RgbImage, elements: string): Promise<RgbImage> {
  const { width, height } = image;
  const drawing = `<svg width="${width}" height="${height}" xmlns="http://www.w3.org/2000/svg">${elements}</svg>`;
  const encoded = await pipelineOf(image).png({ compressionLevel: 0 }).toBuffer();
  return pixelsOf(sharp(encoded).composite([{ input: Buffer.from(drawing) }]));
}
