import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';

import { expectRefusal } from '../../../test/support/expect-refusal.js';
import { asSharp, colourAt, noise } from '../../../test/support/pictures.js';
import { hasSharedData, sharedPath } from '../../../test/support/shared-data.js';
import type { RgbImage } from '../../core/images/rgb-image.js';
import { Photograph, type PhotographPixels } from './photograph.js';
import { SharpImageDecoder } from './sharp-image-decoder.js';

const decoder = new SharpImageDecoder();

describe('a photograph', () => {
  function counted(): { readonly photograph: Photograph; readonly decoded: number[] } {
    const decoded: number[] = [];
    const decode = (factor: number): Promise<RgbImage> => {
      decoded.push(factor);
      const side = Math.round(900 / factor);
      return Promise.resolve({ width: side, height: side, pixels: new Uint8Array(side * side * 3).fill(90) });
    };
    return { photograph: new Photograph({ width: 900, height: 900, factors: [3, 5], decode }), decoded };
  }

  it('decodes no more than it is asked for, and nothing twice', async () => {
    const { photograph, decoded } = counted();
    expect((await photograph.pixels(7)).factor).toBe(5);
    expect((await photograph.pixels(5)).factor).toBe(5);
    expect((await photograph.pixels(4.9)).factor).toBe(3);
    expect((await photograph.pixels(0.5)).factor).toBe(1);
    expect((await photograph.pixels(8)).factor).toBe(5);
    expect(decoded).toEqual([5, 3, 1]);
  });

  it('reduces what is there rather than decode it again, and never by more than is asked for', async () => {
    const { photograph, decoded } = counted();
    await photograph.pixels(1);
    expect((await photograph.pixels(12)).factor).toBe(1);
    const { image, factor } = await photograph.reducedPixels(12);
    expect([image.width, image.height, factor]).toEqual([75, 75, 12]);
    expect(image.pixels.every((value) => value === 90)).toBe(true);
    expect((await photograph.reducedPixels(7.3)).factor).toBeCloseTo(900 / 124, 9);
    expect((await photograph.reducedPixels(1.99)).factor).toBe(1);
    expect(decoded).toEqual([1]);
  });
});

/** White but for a black rectangle of 300x180 whose top left corner is at (1500, 600). */
async function marked(orientation = 1): Promise<Buffer> {
  const white = { width: 3010, height: 1603, channels: 3, background: 'white' } as const;
  const black = { width: 300, height: 180, channels: 3, background: 'black' } as const;
  const mark = await sharp({ create: black }).png().toBuffer();
  const picture = sharp({ create: white }).composite([{ input: mark, left: 1500, top: 600 }]);
  return picture.jpeg({ quality: 95 }).withMetadata({ orientation }).toBuffer();
}

/** Borders of the black rectangle, in pixels of the photograph, from the share of black in its rows and columns. */
function blackIn({ image, factor }: PhotographPixels): readonly number[] {
  const dark = (x: number, y: number): number => 1 - colourAt(image, x, y)[0] / 255;
  const columns = Array.from({ length: image.width }, (_, x) => sumOver(image.height, (y) => dark(x, y)));
  const rows = Array.from({ length: image.height }, (_, y) => sumOver(image.width, (x) => dark(x, y)));
  const total = sumOver(rows.length, (y) => rows[y]!);
  const centreX = sumOver(columns.length, (x) => columns[x]! * (x + 0.5)) / total;
  const centreY = sumOver(rows.length, (y) => rows[y]! * (y + 0.5)) / total;
  return [centreX * factor, centreY * factor, total * factor * factor];
}

function sumOver(count: number, value: (index: number) => number): number {
  return Array.from({ length: count }, (_, index) => value(index)).reduce((sum, one) => sum + one, 0);
}

describe('a JPEG', () => {
  it.each([
    [1, 1650, 690],
    // A quarter turn clockwise: x is what is left below, y what was x.
    [6, 1603 - 690, 1650],
    [3, 3010 - 1650, 1603 - 690],
  ])(
    'of orientation %d is reduced while it is decoded, with everything in place',
    async (orientation, x, y) => {
      const encoded = await marked(orientation);
      const photograph = await decoder.open(encoded);
      expect([photograph.width, photograph.height]).toEqual(orientation === 6 ? [1603, 3010] : [3010, 1603]);
      for (const [wanted, longerSide] of [
        [1, 3010],
        [3, 1003],
        [5.9, 1003],
      ] as const) {
        const fresh = await decoder.open(encoded);
        const pixels = await fresh.pixels(wanted);
        expect(Math.max(pixels.image.width, pixels.image.height)).toBe(longerSide);
        const [centreX, centreY, area] = blackIn(pixels);
        expect(Math.abs(centreX! - x)).toBeLessThan(1.5);
        expect(Math.abs(centreY! - y)).toBeLessThan(1.5);
        expect(area! / (300 * 180)).toBeCloseTo(1, 1);
      }
    },
  );

  it('that is small, and every PNG, is decoded whole', async () => {
    const small = await sharp(await marked())
      .resize(2990)
      .jpeg()
      .toBuffer();
    const png = await sharp(await marked())
      .png()
      .toBuffer();
    for (const encoded of [small, png]) {
      const photograph = await decoder.open(encoded);
      const reduced = await photograph.reducedPixels(8);
      expect(reduced.factor).toBeCloseTo(8, 1);
      expect((await photograph.pixels(1)).factor).toBe(1);
    }
  });
});

describe('a JPEG with more pixels than are held in memory', () => {
  // As a camera of 50.3 megapixels to a limit of 50, at a hundredth of the cost.
  const limited = new SharpImageDecoder({ maximumBytes: 1e8, maximumPixels: 2_400_000 });

  it('is reduced while it is decoded, its places being those of the whole', async () => {
    const encoded = await marked();
    const photograph = await limited.open(encoded);
    expect([photograph.width, photograph.height]).toEqual([3010, 1603]);
    const pixels = await photograph.pixels(1);
    expect(pixels.image.width).toBe(1003);
    const [centreX, centreY] = blackIn(pixels);
    expect(Math.abs(centreX! - 1650)).toBeLessThan(1.5);
    expect(Math.abs(centreY! - 690)).toBeLessThan(1.5);
    expect((await photograph.reducedPixels(2)).factor).toBeCloseTo(3, 1);
  });

  it('is refused where it is not to be reduced, where it has too many, and in other formats', async () => {
    const encoded = await marked();
    const tooLarge = expect.objectContaining({ reason: 'IMAGE_TOO_LARGE' }) as unknown;
    await expect(limited.decode(encoded)).rejects.toEqual(tooLarge);
    const tight = new SharpImageDecoder({ maximumBytes: 1e8, maximumPixels: 2_000_000 });
    await expect(tight.open(encoded)).rejects.toMatchObject({ metadata: { maximum_pixels: '4800000' } });
    await expect(limited.open(await sharp(encoded).png().toBuffer())).rejects.toMatchObject({
      metadata: { maximum_pixels: '2400000' },
    });
  });
});

describe('a JPEG without its end', () => {
  const encoders = {
    baseline: () => asSharp(noise(200, 160)).jpeg({ quality: 90 }).toBuffer(),
    'without subsampling': () =>
      asSharp(noise(200, 160)).jpeg({ quality: 90, chromaSubsampling: '4:4:4' }).toBuffer(),
    progressive: () => asSharp(noise(200, 160)).jpeg({ quality: 90, progressive: true }).toBuffer(),
  };

  it.each(Object.entries(encoders))('is decoded where every pixel is there (%s)', async (_, encode) => {
    const encoded = await encode();
    const whole = await decoder.decode(encoded);
    expect((await decoder.decode(encoded.subarray(0, -2))).pixels).toEqual(whole.pixels);
    expect((await decoder.decode(encoded.subarray(0, -1))).pixels).toEqual(whole.pixels);
  });

  it.each(Object.entries(encoders))('is refused where pixels are missing (%s)', async (_, encode) => {
    const encoded = await encode();
    for (const missing of [8, 20, 100, 1000, 9000]) {
      await expectRefusal(encoded.subarray(0, -missing), 'IMAGE_UNREADABLE');
    }
  });

  it.skipIf(!hasSharedData('the photograph without its end'))('is decoded as it was met', async () => {
    const encoded = await readFile(sharedPath('cases', 'images', 'no-eoi.jpg'));
    const image: RgbImage = await decoder.decode(encoded);
    expect(image.pixels).toHaveLength(3 * image.width * image.height);
  });
});
