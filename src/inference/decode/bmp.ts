import type { RgbImage } from '../../core/images/rgb-image.js';
import { unreadable, unsupported } from './decode-failures.js';

/** What a BMP's headers say of its pixels, which are not compressed. */
export interface BmpHeader {
  readonly width: number;
  readonly height: number;
  /** Rows are stored from the bottom unless the height in the file is negative. */
  readonly isTopDown: boolean;
  readonly bitsPerPixel: 8 | 24 | 32;
  /** Byte at which the rows begin. */
  readonly pixelOffset: number;
  /** [n, 3] red, green and blue; empty where pixels are colours themselves */
  readonly palette: Uint8Array;
  /** The place of red, green and blue among a pixel's bytes. */
  readonly channels: readonly [number, number, number];
}

const fileHeaderBytes = 14;
/** BITMAPCOREHEADER of OS/2 1 has 16-bit sizes and palettes of 3 bytes. */
const coreHeaderBytes = 12;
const leastHeaderBytes = 40;
const compressions = { none: 0, bitFields: 3 } as const;
const blueGreenRed = [2, 1, 0] as const;

/**
 * Reads the headers of a BMP.
 * @throws Failure IMAGE_UNREADABLE where they are damaged or rows are missing; IMAGE_FORMAT_UNSUPPORTED for kinds that are not decoded:
 *   compressed ones, and those of 1, 4 or 16 bits a pixel
 */
export function readBmpHeader(encoded: Uint8Array): BmpHeader {
  const view = new DataView(encoded.buffer, encoded.byteOffset, encoded.byteLength);
  try {
    const header =
      view.getUint32(fileHeaderBytes, true) === coreHeaderBytes ? coreHeader(view) : infoHeader(view);
    const { width, height, pixelOffset, bitsPerPixel } = header;
    const isWhole = pixelOffset + rowBytes(width, bitsPerPixel) * height <= encoded.byteLength;
    if (width < 1 || height < 1 || !isWhole) throw unreadable('BMP');
    return header;
  } catch (error) {
    // Offsets beyond its end.
    if (error instanceof RangeError) throw unreadable('BMP', error);
    throw error;
  }
}

/**
 * Decodes the pixels of a BMP to 8-bit RGB. A fourth byte a pixel is passed over: few programs mean transparency by it.
 * @throws Failure IMAGE_UNREADABLE where a pixel has a colour beyond the palette
 */
export function decodeBmp(encoded: Uint8Array, header: BmpHeader): RgbImage {
  const { width, height, isTopDown, bitsPerPixel, pixelOffset, palette, channels } = header;
  const pixels = new Uint8Array(width * height * 3);
  const stride = rowBytes(width, bitsPerPixel);
  const [red, green, blue] = channels;
  const bytesPerPixel = bitsPerPixel / 8;
  for (let y = 0; y < height; y++) {
    let from = pixelOffset + stride * (isTopDown ? y : height - 1 - y);
    for (let to = y * width * 3; to < (y + 1) * width * 3; to += 3, from += bytesPerPixel) {
      const source = bitsPerPixel === 8 ? palette : encoded;
      const start = bitsPerPixel === 8 ? (encoded[from] ?? 0) * 3 : from;
      if (start + 2 >= source.length) throw unreadable('BMP');
      pixels[to] = source[start + red] ?? 0;
      pixels[to + 1] = source[start + green] ?? 0;
      pixels[to + 2] = source[start + blue] ?? 0;
    }
  }
  return { width, height, pixels };
}

function coreHeader(view: DataView): BmpHeader {
  const bitsPerPixel = requireDepth(view.getUint16(24, true));
  return {
    width: view.getUint16(18, true),
    height: view.getUint16(20, true),
    isTopDown: false,
    bitsPerPixel,
    ...coloursOf(view, bitsPerPixel, { start: fileHeaderBytes + coreHeaderBytes, entryBytes: 3, count: 256 }),
  };
}

/** BITMAPINFOHEADER, and those that begin with it. */
function infoHeader(view: DataView): BmpHeader {
  const headerBytes = view.getUint32(fileHeaderBytes, true);
  if (headerBytes < leastHeaderBytes) throw unsupported('a BMP with a header of OS/2');
  const height = view.getInt32(22, true);
  const bitsPerPixel = requireDepth(view.getUint16(28, true));
  const compression = view.getUint32(30, true);
  const hasMasks = compression === compressions.bitFields && bitsPerPixel === 32;
  if (compression !== compressions.none && !hasMasks) throw unsupported('a BMP with compressed pixels');
  const count = view.getUint32(46, true) || 256;
  const start = fileHeaderBytes + headerBytes;
  const colours = coloursOf(view, bitsPerPixel, { start, entryBytes: 4, count });
  return {
    width: view.getInt32(18, true),
    height: Math.abs(height),
    isTopDown: height < 0,
    bitsPerPixel,
    ...colours,
    // The masks follow the 40 bytes, whatever the header's version.
    ...(hasMasks && { channels: maskedChannels(view, fileHeaderBytes + leastHeaderBytes) }),
  };
}

function requireDepth(bits: number): BmpHeader['bitsPerPixel'] {
  if (bits === 8 || bits === 24 || bits === 32) return bits;
  throw unsupported(`a BMP of ${bits} bits a pixel`);
}

function coloursOf(
  view: DataView,
  bitsPerPixel: number,
  {
    start,
    entryBytes,
    count,
  }: { readonly start: number; readonly entryBytes: number; readonly count: number },
): Pick<BmpHeader, 'pixelOffset' | 'palette' | 'channels'> {
  const pixelOffset = view.getUint32(10, true);
  if (bitsPerPixel !== 8) return { pixelOffset, palette: new Uint8Array(), channels: blueGreenRed };
  // Some programs write fewer colours than they could, and say nothing of it.
  const entries = Math.min(count, 256, Math.floor((pixelOffset - start) / entryBytes));
  if (entries < 1) throw unreadable('BMP');
  const palette = new Uint8Array(entries * 3);
  for (let entry = 0; entry < entries; entry++) {
    for (const [channel, place] of blueGreenRed.entries())
      palette[entry * 3 + channel] = view.getUint8(start + entry * entryBytes + place);
  }
  return { pixelOffset, palette, channels: [0, 1, 2] };
}

/** The bytes of red, green and blue by their masks, each of which must be a whole byte. */
function maskedChannels(view: DataView, start: number): BmpHeader['channels'] {
  const place = (index: number): number => {
    const mask = view.getUint32(start + 4 * index, true);
    const byte = [0xff, 0xff00, 0xff0000, 0xff000000].indexOf(mask);
    if (byte < 0) throw unsupported('a BMP whose colours are no whole bytes');
    return byte;
  };
  return [place(0), place(1), place(2)];
}

/** Rows are filled up to 4 bytes. */
function rowBytes(width: number, bitsPerPixel: number): number {
  return Math.ceil((width * bitsPerPixel) / 32) * 4;
}
