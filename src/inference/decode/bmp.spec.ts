import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { expectRefusal } from '../../../test/support/expect-refusal.js';
import { hasSharedData, sharedPath } from '../../../test/support/shared-data.js';
import { SharpImageDecoder } from './sharp-image-decoder.js';

/** Three by two pixels, each of another colour, as BMP's authors have them: blue, green, red, and from the bottom up. */
const colours = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [10, 20, 30],
  [200, 100, 50],
  [255, 255, 255],
] as const;
const [width, height] = [3, 2];

interface Bmp {
  readonly bits: number;
  readonly headerBytes?: number;
  readonly compression?: number;
  readonly isTopDown?: boolean;
  /** What follows the header: masks or a palette. */
  readonly extra?: Uint8Array;
  /** The bytes of a pixel. */
  readonly pixel: (index: number) => readonly number[];
}

function bmp({ bits, headerBytes = 40, compression = 0, isTopDown = false, extra, pixel }: Bmp): Buffer {
  const extraBytes = extra ?? new Uint8Array();
  const pixelOffset = 14 + headerBytes + extraBytes.length;
  const stride = Math.ceil((width * bits) / 32) * 4;
  const file = Buffer.alloc(pixelOffset + stride * height);
  file.write('BM');
  file.writeUInt32LE(file.length, 2);
  file.writeUInt32LE(pixelOffset, 10);
  file.writeUInt32LE(headerBytes, 14);
  if (headerBytes === 12) {
    file.writeUInt16LE(width, 18);
    file.writeUInt16LE(height, 20);
    file.writeUInt16LE(1, 22);
    file.writeUInt16LE(bits, 24);
  } else {
    file.writeInt32LE(width, 18);
    file.writeInt32LE(isTopDown ? -height : height, 22);
    file.writeUInt16LE(1, 26);
    file.writeUInt16LE(bits, 28);
    file.writeUInt32LE(compression, 30);
  }
  file.set(extraBytes, 14 + headerBytes);
  for (let row = 0; row < height; row++) {
    const y = isTopDown ? row : height - 1 - row;
    const bytes = Array.from({ length: width }, (_, x) => pixel(y * width + x)).flat();
    file.set(bytes, pixelOffset + row * stride);
  }
  return file;
}

const blueGreenRed = (index: number): number[] => [...colours[index]!].reverse();
const palette = (entryBytes: number): Uint8Array =>
  Uint8Array.from(colours.flatMap((_, index) => [...blueGreenRed(index), 99].slice(0, entryBytes)));
/** Alpha first, then blue, green and red: what masks are for. */
const masked = Buffer.alloc(12);
masked.writeUInt32LE(0xff000000, 0);
masked.writeUInt32LE(0x00ff0000, 4);
masked.writeUInt32LE(0x0000ff00, 8);

const kinds: Readonly<Record<string, Bmp>> = {
  '24 bits': { bits: 24, pixel: blueGreenRed },
  '24 bits from the top': { bits: 24, isTopDown: true, pixel: blueGreenRed },
  '24 bits of OS/2': { bits: 24, headerBytes: 12, pixel: blueGreenRed },
  '24 bits of version 5': { bits: 24, headerBytes: 124, pixel: blueGreenRed },
  '32 bits': { bits: 32, pixel: (index) => [...blueGreenRed(index), 0] },
  '32 bits with masks': {
    bits: 32,
    compression: 3,
    extra: masked,
    pixel: (index) => [7, ...blueGreenRed(index)],
  },
  'a palette': { bits: 8, extra: palette(4), pixel: (index) => [index] },
  'a palette of OS/2': { bits: 8, headerBytes: 12, extra: palette(3), pixel: (index) => [index] },
};

const decoder = new SharpImageDecoder();

describe('a BMP', () => {
  it.each(Object.keys(kinds))('of %s is decoded', async (kind) => {
    const image = await decoder.decode(bmp(kinds[kind]!));
    expect(image).toEqual({ width, height, pixels: Uint8Array.from(colours.flat()) });
  });

  it.each([
    ['of 16 bits', { bits: 16, pixel: () => [0, 0] }],
    ['of 1 bit', { bits: 1, pixel: () => [0] }],
    ['with run lengths', { bits: 8, compression: 1, extra: palette(4), pixel: () => [0] }],
    [
      'with other masks',
      { bits: 32, compression: 3, extra: new Uint8Array(12).fill(0x0f), pixel: () => [0] },
    ],
  ] as const)('%s is refused by what it is', async (_, kind) => {
    await expectRefusal(bmp(kind), 'IMAGE_FORMAT_UNSUPPORTED');
  });

  it('that is cut short, empty or has colours beyond its palette is refused', async () => {
    const whole = bmp(kinds['24 bits']!);
    for (const length of [20, 40, 54, whole.length - 1])
      await expectRefusal(whole.subarray(0, length), 'IMAGE_UNREADABLE');
    const empty = Buffer.from(whole);
    empty.writeInt32LE(0, 18);
    await expectRefusal(empty, 'IMAGE_UNREADABLE');
    await expectRefusal(bmp({ ...kinds['a palette']!, pixel: () => [6] }), 'IMAGE_UNREADABLE');
    const huge = Buffer.from(whole);
    huge.writeInt32LE(2 ** 30, 18);
    huge.writeInt32LE(-(2 ** 31), 22);
    await expectRefusal(huge, 'IMAGE_UNREADABLE');
  });

  it('with more pixels than are held is refused', async () => {
    const tight = new SharpImageDecoder({ maximumBytes: 1e6, maximumPixels: 5 });
    await expect(tight.open(bmp(kinds['24 bits']!))).rejects.toMatchObject({ reason: 'IMAGE_TOO_LARGE' });
  });

  it.skipIf(!hasSharedData('a photograph in BMP'))('is decoded as it was met', async () => {
    const encoded = await readFile(sharedPath('cases', 'folders', 'staff', 'bob', '1.bmp'));
    const image = await decoder.decode(encoded);
    expect([image.width, image.height]).toEqual([600, 750]);
    // The first pixel of the last row is the first in the file: blue, green, red.
    const start = 54;
    const lastRow = 749 * 600 * 3;
    expect([...image.pixels.slice(lastRow, lastRow + 3)]).toEqual(
      [...encoded.subarray(start, start + 3)].reverse(),
    );
  });
});
