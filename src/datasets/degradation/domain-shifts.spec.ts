import { describe, expect, it } from 'vitest';
import type { RgbImage } from '../../core/images/rgb-image.js';
import { uniformGenerator } from '../../core/random/seeded-random.js';
import { pixelShift, pixelShifts, type ShiftedFace } from './domain-shifts.js';
import { type PixelShiftName, shiftNames } from './shift-names.js';

/** A square crop of 1.8 times the face, as sets of faces are cut. */
const side = 160;
const faceSide = side / 1.8;
const face: ShiftedFace = {
  box: { x: 48, y: (side - faceSide) / 2, width: 64, height: faceSide },
  landmarks: {
    leftEye: { x: 64, y: 66 },
    rightEye: { x: 96, y: 66 },
    nose: { x: 80, y: 84 },
    leftMouthCorner: { x: 67, y: 100 },
    rightMouthCorner: { x: 93, y: 100 },
  },
};

type Colour = readonly [number, number, number];

function picture(colourAt: (x: number, y: number) => Colour, width = side): RgbImage {
  const pixels = new Uint8Array(width * width * 3);
  for (let y = 0; y < width; y++)
    for (let x = 0; x < width; x++) pixels.set(colourAt(x, y), (y * width + x) * 3);
  return { width, height: width, pixels };
}

const grey = (level: number): Colour => [level, level, level];
const stripes = (period: number, width = side): RgbImage =>
  picture((x) => grey(x % period < period / 2 ? 230 : 30), width);

async function shifted(name: PixelShiftName, image: RgbImage, seed = 1, about = face): Promise<RgbImage> {
  const shift = pixelShift(name);
  const drawnFrom = { image, uniform: uniformGenerator(seed) };
  return shift.needsFace ? shift.apply(drawnFrom, about) : shift.apply(drawnFrom);
}

/** Mean of a channel over a rectangle. */
function meanOf({ pixels, width }: RgbImage, { from = 0, to = width, channel = 0 } = {}): number {
  const values: number[] = [];
  for (let y = 0; y < width; y++)
    for (let x = from; x < to; x++) values.push(pixels[(y * width + x) * 3 + channel]!);
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Difference of the means of light and dark columns, away from their edges. */
function stripeContrast(image: RgbImage, period: number): number {
  const means = (offset: number): number => {
    const columns = [...Array(image.width / period).keys()].map(
      (stripe) => stripe * period + offset + period / 4,
    );
    return columns.reduce((sum, from) => sum + meanOf(image, { from, to: from + 1 }), 0) / columns.length;
  };
  return means(0) - means(period / 2);
}

it('has every shift by name', () => {
  expect([...shiftNames].sort()).toEqual([...Object.keys(pixelShifts), 'profiles'].sort());
});

describe('camera', () => {
  it('keeps of a crop of 1.8 faces what 44 pixels show', async () => {
    // A pixel of the camera is 160 / 44 = 3.6: stripes of 4 lie within one, those of 32 are 9 of them.
    expect(stripeContrast(await shifted('camera', stripes(4)), 4)).toBeLessThan(20);
    expect(stripeContrast(await shifted('camera', stripes(32)), 32)).toBeGreaterThan(170);
  });

  it('does so whatever the photograph has of pixels', async () => {
    const double = {
      ...face,
      box: { x: 96, y: 2 * face.box.y, width: 128, height: 2 * faceSide },
    };
    expect(stripeContrast(await shifted('camera', stripes(8, 2 * side), 1, double), 8)).toBeLessThan(20);
    expect(stripeContrast(await shifted('camera', stripes(64, 2 * side), 1, double), 64)).toBeGreaterThan(
      170,
    );
  });

  it('leaves photographs alone that show no more than that', async () => {
    const small = { ...face, box: { x: 60, y: 60, width: 20, height: 24 } };
    expect(await shifted('camera', stripes(4), 1, small)).toEqual(stripes(4));
  });
});

describe('near-infrared', () => {
  it('is grey, and of the contrast that it says', async () => {
    const halves = picture((x) => grey(x < side / 2 ? 78 : 178));
    for (const seed of [1, 2, 3, 4, 5]) {
      const image = await shifted('near-infrared', halves, seed);
      const places = [...Array(side * side).keys()];
      expect(
        places.every((place) => new Set(image.pixels.subarray(place * 3, place * 3 + 3)).size === 1),
      ).toBe(true);
      const contrast = (meanOf(image, { from: side / 2 }) - meanOf(image, { to: side / 2 })) / 100;
      expect(contrast).toBeGreaterThan(0.19);
      expect(contrast).toBeLessThan(0.46);
    }
  });

  it('shows red lighter than blue', async () => {
    const flags = picture((x) => (x < side / 2 ? [200, 40, 40] : [40, 40, 200]));
    const image = await shifted('near-infrared', flags);
    expect(meanOf(image, { to: side / 2 })).toBeGreaterThan(meanOf(image, { from: side / 2 }) + 5);
  });
});

it('low-light leaves 10 to 30 % of the light', async () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const mean = meanOf(
      await shifted(
        'low-light',
        picture(() => grey(200)),
        seed,
      ),
    );
    expect(mean).toBeGreaterThan(19);
    expect(mean).toBeLessThan(61);
  }
});

it('motion-blur smears along a line of 0.08 to 0.24 of the face, in any direction', async () => {
  const edge = picture((x) => grey(x < side / 2 ? 30 : 230));
  const widths = await Promise.all(
    [1, 2, 3, 4, 5, 6, 7, 8].map(async (seed) => {
      const { pixels, width } = await shifted('motion-blur', edge, seed);
      const row = [...Array(width).keys()].map((x) => pixels[(80 * width + x) * 3]!);
      return row.filter((value) => value > 40 && value < 220).length;
    }),
  );
  // Across the edge it is at most the line's length, and along it nothing.
  expect(Math.max(...widths)).toBeLessThanOrEqual(Math.ceil(0.24 * 64));
  expect(Math.max(...widths)).toBeGreaterThanOrEqual(4);
  expect(Math.min(...widths)).toBeLessThan(Math.max(...widths) / 2);
});

it('masks covers the mouth, not the eyes', async () => {
  const plain = picture(() => grey(137));
  const { pixels } = await shifted('masks', plain);
  const isChanged = ({ x, y }: { readonly x: number; readonly y: number }): boolean =>
    pixels.subarray((y * side + x) * 3, (y * side + x) * 3 + 3).some((value) => value !== 137);
  const { leftEye, rightEye, leftMouthCorner, rightMouthCorner } = face.landmarks;
  expect([leftMouthCorner, rightMouthCorner].map(isChanged)).toEqual([true, true]);
  expect([leftEye, rightEye].map(isChanged)).toEqual([false, false]);
});

it.each(Object.keys(pixelShifts) as PixelShiftName[])('%s draws by the seed alone', async (name) => {
  const [once, again, other] = [1, 1, 2].map(async (seed) => shifted(name, stripes(32), seed));
  expect(await again).toEqual(await once);
  expect((await other!).pixels).not.toEqual((await once!).pixels);
});
