/** Images as raw pixels, { width, height, pixels }, RGB, and the ways through sharp that degradations take. */
import sharp from 'sharp';

/** Decodes a file's bytes, upright. */
export async function decoded(encoded) {
  return pixelsOf(sharp(encoded).rotate());
}

/** The pixels at the end of a pipeline of sharp's. */
export async function pixelsOf(pipeline) {
  const { data, info } = await pipeline
    .removeAlpha()
    .toColourspace('srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  const pixels = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return { width: info.width, height: info.height, pixels };
}

/** A pipeline of sharp's that begins with an image. */
export function pipelineOf({ width, height, pixels }) {
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}

/** The image as a PNG file. */
export async function pngOf(image) {
  return pipelineOf(image).png({ compressionLevel: 1 }).toBuffer();
}

/** The image after JPEG of a quality from 1 to 100. */
export async function recompressed(image, quality) {
  const encoded = await pipelineOf(image)
    .jpeg({ quality: Math.round(quality) })
    .toBuffer();
  return pixelsOf(sharp(encoded));
}

/** Each value of each channel by a function, rounded and held within a byte. */
export function mapped(image, valueOf) {
  return { ...image, pixels: Uint8ClampedArray.from(image.pixels, (value) => Math.round(valueOf(value))) };
}

/** The image with SVG elements drawn over it. */
export async function drawnOver(image, elements) {
  const { width, height } = image;
  const drawing = `<svg width="${width}" height="${height}" xmlns="http://www.w3.org/2000/svg">${elements}</svg>`;
  const encoded = await pipelineOf(image).png({ compressionLevel: 0 }).toBuffer();
  return pixelsOf(sharp(encoded).composite([{ input: Buffer.from(drawing) }]));
}
