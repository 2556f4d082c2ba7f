import sharp, { type Metadata, type ResizeOptions, type SharpOptions } from 'sharp';
import { Failure } from '../../core/failure.js';
import {
  type DecodedFormat,
  sniffImageFormat,
  supportedFormatsText,
} from '../../core/images/image-format.js';
import type { RgbImage } from '../../core/images/rgb-image.js';
import { Photograph } from './photograph.js';
import { isSrgbProfile } from './srgb-profile.js';
import { decodeBmp, readBmpHeader } from './bmp.js';
import { heicUnsupported, unreadable, unsupported } from './decode-failures.js';

/** What is refused before any pixel is decoded. */
export interface ImageLimits {
  readonly maximumBytes: number;
  /** Pixels that are held in memory at once. */
  readonly maximumPixels: number;
}

export const defaultImageLimits: ImageLimits = { maximumBytes: 32 * 1024 * 1024, maximumPixels: 50_000_000 };

/**
 * The longest side: what is longer is no photograph, and rows or columns of millions of pixels take libvips and the detector
 * half a minute that as many pixels in a square do not.
 */
const maximumSidePixels = 32_768;

/**
 * JPEGs may have so many times the pixels that are held in memory, since they are reduced while they are decoded. A progressive
 * one takes up to 6 bytes a pixel before that.
 */
const jpegReserve = 2.4;

/**
 * Bytes that each of the pixels held in memory may have on the average before they are made 8-bit RGB: libvips keeps a turned image
 * several times over, which of 49 megapixels of floating-point RGB took gigabytes.
 */
const decodedBytesPerPixel = 4;
/** Bytes of a sample, by libvips' name of its format. */
const sampleBytes: Readonly<Record<string, number>> = {
  uchar: 1,
  char: 1,
  ushort: 2,
  short: 2,
  uint: 4,
  int: 4,
  float: 4,
  complex: 8,
  double: 8,
  dpcomplex: 16,
};

/** What an image's header says of it. */
interface ImageHeader {
  readonly format: DecodedFormat;
  /** Of the upright image. */
  readonly width: number;
  readonly height: number;
  /** Of a decoded pixel, before it is made 8-bit RGB. */
  readonly bytesPerPixel: number;
  /** Whether its colours have to be converted from an embedded profile's. */
  readonly hasOtherColours: boolean;
}

type SharpFormat = Exclude<DecodedFormat, 'BMP'>;

/** Sharp's name of each format. AVIF is `heif` with AV1 compression. */
const sharpFormats: Readonly<Record<SharpFormat, string>> = {
  JPEG: 'jpeg',
  PNG: 'png',
  WebP: 'webp',
  AVIF: 'heif',
  GIF: 'gif',
  TIFF: 'tiff',
};

/**
 * Factors by which a JPEG is reduced while it is decoded. libjpeg itself halves, quarters and so on, at a part of the cost;
 * libvips does so only where more than the next whole factor is wanted, and reduces by the rest.
 */
const jpegFactors = [3, 5, 9] as const;
/**
 * The longer side that a reduction leaves at least: the detector's looks at the whole photograph need 640, and with so many
 * seldom a crop needs a finer one.
 */
const leastSidePixels = 1000;

/** The last two bytes of a JPEG. */
const endOfImage = Uint8Array.of(0xff, 0xd9);
/** Bytes that mean pixels in any scan, and no marker. */
const anyScanData = Uint8Array.from({ length: 256 }, (_, index) => (index * 91) % 251);

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
   * Decodes the first frame whole, applies the EXIF orientation and converts to 8-bit sRGB without alpha.
   * @throws Failure IMAGE_EMPTY, IMAGE_UNREADABLE, IMAGE_FORMAT_UNSUPPORTED or IMAGE_TOO_LARGE
   */
  async decode(encoded: Uint8Array): Promise<RgbImage> {
    const photograph = await this.open(encoded);
    this.requirePixels(photograph.width, photograph.height, 1);
    return (await photograph.pixels(1)).image;
  }

  /**
   * Reads the header of a photograph; its pixels are decoded as {@link decode} does, when they are asked for.
   * @throws Failure IMAGE_EMPTY, IMAGE_UNREADABLE, IMAGE_FORMAT_UNSUPPORTED or IMAGE_TOO_LARGE
   */
  async open(encoded: Uint8Array): Promise<Photograph> {
    const format = this.checkedFormat(encoded);
    if (format === 'BMP') return this.openBmp(encoded);
    const header = await this.readHeader(encoded, format);
    const { width, height } = header;
    const isJpeg = format === 'JPEG';
    this.requirePixels(width, height, isJpeg ? jpegReserve : 1);
    // A JPEG has 8 bits, and is reduced while it is decoded.
    if (!isJpeg) this.requireDecodedBytes(header);
    const isHeld = (factor: number): boolean => width * height <= this.limits.maximumPixels * factor ** 2;
    const longerSide = Math.max(width, height);
    const factors = isJpeg
      ? jpegFactors.filter((factor) => longerSide / factor >= leastSidePixels || !isHeld(1))
      : [];
    const decode = async (factor: number): Promise<RgbImage> => this.pixelsOf(encoded, header, factor);
    const leastFactor = [1, ...factors].find(isHeld) ?? 1;
    return new Photograph({ width, height, factors, leastFactor, decode });
  }

  private openBmp(encoded: Uint8Array): Photograph {
    const header = readBmpHeader(encoded);
    const { width, height } = header;
    this.requirePixels(width, height, 1);
    const decode = (): Promise<RgbImage> => Promise.resolve(decodeBmp(encoded, header));
    return new Photograph({ width, height, factors: [], decode });
  }

  private async pixelsOf(encoded: Uint8Array, header: ImageHeader, factor: number): Promise<RgbImage> {
    const { format, width, height, hasOtherColours } = header;
    const longerSide = Math.round(Math.max(width, height) / factor);
    const resize = width >= height ? { width: longerSide } : { height: longerSide };
    const options = { ...this.options(), ignoreIcc: !hasOtherColours };
    const decode = async (bytes: Uint8Array): Promise<RgbImage> =>
      decodePixels(bytes, options, factor === 1 ? undefined : resize);
    return decode(encoded).catch(async (cause: unknown) => {
      const restored = format === 'JPEG' ? await decodeWithoutEnd(encoded, decode) : undefined;
      if (restored === undefined) throw unreadable(format, cause);
      return restored;
    });
  }

  private options(): SharpOptions {
    return {
      // sharp's default, 'warning', also refuses photographs with harmless stray bytes between JPEG markers.
      failOn: 'error',
      // First frame or page only.
      pages: 1,
      limitInputPixels: Math.floor(this.limits.maximumPixels * jpegReserve),
    };
  }

  private checkedFormat(encoded: Uint8Array): DecodedFormat {
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
    if (format === 'HEIC') throw heicUnsupported();
    return format;
  }

  /** Reads the header without decoding pixels. */
  private async readHeader(encoded: Uint8Array, format: SharpFormat): Promise<ImageHeader> {
    let metadata: Metadata;
    try {
      metadata = await sharp(encoded, { ...this.options(), limitInputPixels: false }).metadata();
    } catch (cause) {
      throw unreadable(format, cause);
    }
    // The bytes may still turn out to be something else, for example HEVC under an AVIF brand.
    const isExpected = (metadata.format as string) === sharpFormats[format];
    if (!isExpected) throw unsupported();
    if (format === 'AVIF' && metadata.compression !== 'av1') throw heicUnsupported();
    const { autoOrient, icc, space } = metadata;
    // CMYK needs its profile, or one that stands in for it.
    const isSrgb = space === 'srgb' && (icc === undefined || isSrgbProfile(icc));
    const bytesPerPixel = metadata.channels * (sampleBytes[metadata.depth] ?? 1);
    return { format, ...autoOrient, bytesPerPixel, hasOtherColours: !isSrgb };
  }

  private requireDecodedBytes({ width, height, bytesPerPixel: perPixel }: ImageHeader): void {
    const maximumBytes = this.limits.maximumPixels * decodedBytesPerPixel;
    if (width * height * perPixel <= maximumBytes) return;
    throw new Failure(
      'IMAGE_TOO_LARGE',
      `The image has ${width}x${height} pixels of ${perPixel} bytes each; the limit is ${maximumBytes} bytes in all. ` +
        'Scale it down, or send it with 8 bits a channel.',
      {
        width: String(width),
        height: String(height),
        bytes_per_pixel: String(perPixel),
        maximum_bytes: String(maximumBytes),
      },
    );
  }

  /** @param reserve how many times what is held in memory the image may have */
  private requirePixels(width: number, height: number, reserve: number): void {
    if (Math.max(width, height) > maximumSidePixels) {
      throw new Failure(
        'IMAGE_TOO_LARGE',
        `The image has ${width}x${height} pixels; the limit of a side is ${maximumSidePixels}. Scale it down or cut it.`,
        { width: String(width), height: String(height), maximum_side: String(maximumSidePixels) },
      );
    }
    const maximumPixels = Math.floor(this.limits.maximumPixels * reserve);
    if (width * height <= maximumPixels) return;
    throw new Failure(
      'IMAGE_TOO_LARGE',
      `The image has ${width}x${height} pixels; the limit is ${maximumPixels} in all. Scale it down.`,
      { width: String(width), height: String(height), maximum_pixels: String(maximumPixels) },
    );
  }
}

async function decodePixels(
  encoded: Uint8Array,
  options: SharpOptions,
  resize: ResizeOptions | undefined,
): Promise<RgbImage> {
  const whole = sharp(encoded, options).autoOrient();
  const { data, info } = await (resize === undefined ? whole : whole.resize(resize))
    .flatten({ background: 'white' })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return { width: info.width, height: info.height, pixels: asRgb(data, info.channels) };
}

/**
 * Decodes a JPEG that lost its last two bytes on the way, as some do. Where pixels are missing as well, what is appended
 * is read in their place: only a complete image stays the same, whatever follows it.
 * @returns undefined where pixels are missing
 */
async function decodeWithoutEnd(
  encoded: Uint8Array,
  decode: (bytes: Uint8Array) => Promise<RgbImage>,
): Promise<RgbImage | undefined> {
  // The first byte of the end may be there.
  const scans = encoded.at(-1) === endOfImage[0] ? encoded.subarray(0, -1) : encoded;
  try {
    const image = await decode(Buffer.concat([scans, endOfImage]));
    const other = await decode(Buffer.concat([scans, anyScanData, endOfImage]));
    return Buffer.compare(image.pixels, other.pixels) === 0 ? image : undefined;
  } catch {
    return undefined;
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
