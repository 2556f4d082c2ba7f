import { describe, expect, it } from 'vitest';
import type { Landmarks, Point } from '../../core/faces/landmarks.js';
import type { RgbImage } from '../../core/images/rgb-image.js';
import { uniformGenerator } from '../../core/random/seeded-random.js';
import { degradations } from './degradations.js';
import type { Degraded, Scene } from './scene.js';

const kinds: Readonly<Record<string, (scene: Scene) => Promise<Degraded>>> = degradations;
const side = 160;
/** A face that leans to the viewer's right, in the middle of the photograph. */
const landmarks: Landmarks = {
  leftEye: { x: 68, y: 58 },
  rightEye: { x: 104, y: 68 },
  nose: { x: 82, y: 82 },
  leftMouthCorner: { x: 60, y: 92 },
  rightMouthCorner: { x: 90, y: 100 },
};

function picture(levelOf: (x: number, y: number) => number): RgbImage {
  const pixels = new Uint8Array(side * side * 3);
  for (let y = 0; y < side; y++)
    for (let x = 0; x < side; x++) pixels.fill(levelOf(x, y), (y * side + x) * 3, (y * side + x + 1) * 3);
  return { width: side, height: side, pixels };
}

async function degraded(kind: string, image: RgbImage, seed = 1, facePixels = 88): Promise<Degraded> {
  return kinds[kind]!({ image, landmarks, facePixels, uniform: uniformGenerator(seed) });
}

/** Stripes of so many pixels from one white one to the next. */
function stripes(period: number): RgbImage {
  return picture((x) => (x % period < period / 2 ? 255 : 0));
}

/** Difference of the lightest and the darkest pixel away from the borders. */
function contrast({ pixels }: RgbImage): number {
  const inside = [...pixels].filter((_, place) => Math.abs((Math.floor(place / 3) % side) - 80) < 50);
  return Math.max(...inside) - Math.min(...inside);
}

function colourAt({ pixels, width }: RgbImage, { x, y }: Point): readonly number[] {
  const place = (Math.round(y) * width + Math.round(x)) * 3;
  return [...pixels.subarray(place, place + 3)];
}

const chequered = picture((x, y) => (((x >> 3) + (y >> 3)) % 2 === 0 ? 60 : 190));

describe('degradations of photographs', () => {
  it.each(Object.keys(degradations))(
    '%s gives the same for the same seed, and keeps the size',
    async (kind) => {
      const [once, again] = [await degraded(kind, chequered), await degraded(kind, chequered)];
      expect(again).toEqual(once);
      expect([once.image.width, once.image.height, once.image.pixels.length]).toEqual([
        side,
        side,
        side * side * 3,
      ]);
    },
  );

  it('draws other numbers with another seed', async () => {
    const random = Object.keys(degradations).filter((kind) => !['sharp', 'low22', 'low13'].includes(kind));
    for (const kind of random) {
      const [one, other] = [await degraded(kind, chequered, 1), await degraded(kind, chequered, 2)];
      expect([...other.image.pixels], kind).not.toEqual([...one.image.pixels]);
    }
  });

  it('leaves of a face of 88 pixels what one of 22 shows, and nothing finer', async () => {
    // A pixel of the smaller face is 4 of these: stripes of 4 lie between its pixels, those of 32 are 8 of them.
    expect(contrast((await degraded('low22', stripes(4))).image)).toBeLessThan(30);
    expect(contrast((await degraded('low22', stripes(32))).image)).toBeGreaterThan(220);
    expect((await degraded('low22', stripes(4))).detailPixels).toBe(22);
    expect((await degraded('low22', stripes(4), 1, 20)).image.pixels).toEqual(stripes(4).pixels);
  });

  it('blurs as far as it says', async () => {
    const { image, parameters, detailPixels } = await degraded('blur', stripes(160));
    const deviation = 88 * Number(parameters!['deviation']);
    expect(detailPixels).toBeCloseTo(88 / (2.5 * deviation), 6);
    // One edge: a Gaussian's standard deviation from it lies Φ(1) = 84 % of the light.
    const level = colourAt(image, { x: 79.5 - deviation, y: 80 })[0]!;
    expect(Math.abs(level / 255 - 0.84)).toBeLessThan(0.06);
  });

  it('darkens by the gain', async () => {
    const { image, parameters } = await degraded(
      'dark',
      picture(() => 200),
      5,
    );
    const mean = image.pixels.reduce((sum, value) => sum + value, 0) / image.pixels.length;
    expect(Math.abs(mean - 200 * Number(parameters!['gain']))).toBeLessThan(1);
  });

  const plain = picture(() => 137);
  const isDrawnOver = (image: RgbImage, point: Point) =>
    colourAt(image, point).some((value) => value !== 137);
  const { leftEye, rightEye, leftMouthCorner, rightMouthCorner } = landmarks;
  const seeds = Array.from({ length: 20 }, (_, index) => index);

  it('draws masks over the mouth, not over the eyes, and over the nose now and then', async () => {
    const noses = new Set<number>();
    for (const seed of seeds) {
      const { image, hidden } = await degraded('mask', plain, seed);
      expect([leftMouthCorner, rightMouthCorner].map((point) => isDrawnOver(image, point))).toEqual([
        true,
        true,
      ]);
      expect([leftEye, rightEye].map((point) => isDrawnOver(image, point))).toEqual([false, false]);
      expect(hidden).toMatchObject({ mouth: 1, eyes: 0 });
      noses.add(hidden!.nose);
    }
    expect(noses).toEqual(new Set([0, 1]));
  });

  it('draws sunglasses over the eyes alone', async () => {
    for (const seed of seeds) {
      const { image, hidden } = await degraded('glasses', plain, seed);
      expect([leftEye, rightEye].map((point) => isDrawnOver(image, point))).toEqual([true, true]);
      expect([leftMouthCorner, rightMouthCorner].map((point) => isDrawnOver(image, point))).toEqual([
        false,
        false,
      ]);
      expect(hidden).toEqual({ mouth: 0, nose: 0, eyes: 1 });
    }
  });

  it('covers what it says', async () => {
    for (const seed of seeds) {
      const { image, hidden } = await degraded('cover', plain, seed);
      const mouth = [leftMouthCorner, rightMouthCorner].filter((point) => isDrawnOver(image, point));
      const eyes = [leftEye, rightEye].filter((point) => isDrawnOver(image, point));
      expect([mouth.length > 0, eyes.length > 0]).toEqual([hidden!.mouth === 1, hidden!.eyes === 1]);
    }
  });
});
