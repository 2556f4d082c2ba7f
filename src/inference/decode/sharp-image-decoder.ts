import sharp, { type Metadata, type SharpOptions } from 'sharp';
import { Failure } from '../../core/failure.js';
import type { RgbImage } from '../../core/images/rgb-image.js';
import { type ImageFormat, sniffImageFormat, supportedFormatsText } from './image-format.js';

/** What is refused before any pixel is decoded. */
export interface ImageLimits {
  readonly maximumBytes: number;
  readonly maximumPixels: number;
}

export const defaultImageLimits: ImageLimits = { maximumBytes: 16 * 1024 * 1024, maximumPixels: 50_000_000 };

/** Sharp's name of each format. AVIF is `heif` with AV1 compression. */
const sharpFormats: Readonly<Record<ImageFormat, string>> = {
  JPEG: 'jpeg',
  PNG: 'png',
  WebP: 'webp',
  AVIF: 'heif',
  GIF: 'gif',
  TIFF: 'tiff',
};

// A worker decodes many different images on its own core: libvips' operation cache would only hold on to pixels of
// people, and its threads would compete with the networks'. Both settings are the process's.
sharp.cache(false);
sharp.concurrency(1);

/**
 * Turns untrusted encoded bytes into pixels, with libvips. Transparent pixels become white, as viewers show them and as
 * cut-out passport photographs are meant; embedded colour profiles are converted to sRGB.
 */
export class SharpImageDecoder {
  constructor(private readonly limits: ImageLimits = defaultImageLimits) {}

  /**
   * Decodes the first frame, applies the EXIF orientation and converts to 8-bit sRGB without alpha.
   * @throws Failure IMAGE_EMPTY, IMAGE_UNREADABLE, IMAGE_FORMAT_UNSUPPORTED or IMAGE_TOO_LARGE
   */
  async decode(encoded: Uint8Array): Promise<RgbImage> {
    const format = this.checkedFormat(encoded);
    const options: SharpOptions = {
      // sharp's default, 'warning', also refuses photographs with harmless stray bytes between JPEG markers.
      failOn: 'error',
      // First frame or page only.
      pages: 1,
      limitInputPixels: this.limits.maximumPixels,
    };
    const { width, height } = await this.readHeader(encoded, format, options);
    if (width * height > this.limits.maximumPixels) throw this.tooManyPixels(width, height);
    try {
      const { data, info } = await sharp(encoded, options)
        .autoOrient()
        .flatten({ background: 'white' })
        .toColourspace('srgb')
        .raw({ depth: 'uchar' })
        .toBuffer({ resolveWithObject: true });
      return { width: info.width, height: info.height, pixels: asRgb(data, info.channels) };
    } catch (cause) {
      throw unreadable(format, cause);
    }
  }

  private checkedFormat(encoded: Uint8Array): ImageFormat {
    if (encoded.byteLength === 0) {
      throw new Failure('IMAGE_EMPTY', `The image has no bytes. Send ${supportedFormatsText}.`);
    }
    const { maximumBytes } = this.limits;
    if (encoded.byteLength > maximumBytes) {
      throw new Failure(
        'IMAGE_TOO_LARGE',
        `The image has ${encoded.byteLength} bytes; the limit is ${maximumBytes}. Compress it or send a smaller one.`,
        { byte_count: String(encoded.byteLength), maximum_bytes: String(maximumBytes) },
      );
    }
    const format = sniffImageFormat(encoded);
    if (format === undefined) throw unsupported();
    return format;
  }

  /** Width and height without decoding pixels. */
  private async readHeader(
    encoded: Uint8Array,
    format: ImageFormat,
    options: SharpOptions,
  ): Promise<{ readonly width: number; readonly height: number }> {
    let metadata: Metadata;
    try {
      metadata = await sharp(encoded, { ...options, limitInputPixels: false }).metadata();
    } catch (cause) {
      throw unreadable(format, cause);
    }
    // The bytes may still turn out to be something else, for example HEVC under an AVIF brand.
    const isExpected = (metadata.format as string) === sharpFormats[format];
    if (!isExpected || (format === 'AVIF' && metadata.compression !== 'av1')) throw unsupported();
    return { width: metadata.width, height: metadata.height };
  }

  private tooManyPixels(width: number, height: number): Failure {
    const { maximumPixels } = this.limits;
    return new Failure(
      'IMAGE_TOO_LARGE',
      `The image has ${width}x${height} pixels; the limit is ${maximumPixels} in all. Scale it down.`,
      { width: String(width), height: String(height), maximum_pixels: String(maximumPixels) },
    );
  }
}

/** Grey images stay single-channel through libvips' colour conversion. */
function asRgb(data: Buffer, channels: number): Uint8Array {
  // Not Buffer's own slice() and JSON semantics: a plain array of bytes.
  if (channels === 3) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (channels !== 1) throw new Error(`decoded ${channels} channels where 1 or 3 were expected`);
  const pixels = new Uint8Array(data.length * 3);
  data.forEach((grey, index) => pixels.fill(grey, index * 3, index * 3 + 3));
  return pixels;
}

function unsupported(): Failure {
  return new Failure(
    'IMAGE_FORMAT_UNSUPPORTED',
    `The bytes are in no supported image format. Send ${supportedFormatsText}.`,
  );
}

/** libvips' own message may name files or internals, so it stays in the cause, for the log. */
function unreadable(format: ImageFormat, cause: unknown): Failure {
  return new Failure(
    'IMAGE_UNREADABLE',
    `The ${format} image is truncated or corrupt. Check that the upload was complete, or save it again.`,
    { format },
    [],
    { cause },
  );
}
