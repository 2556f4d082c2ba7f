import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RgbImage } from '../images/rgb-image.js';
import { splitHalves } from './split-halves.js';

/** Every pixel tells its column and row, and none is black. */
function numbered(width: number, height = 3): RgbImage {
  const pixels = new Uint8Array(width * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) pixels.set([x + 1, y + 1, 255], (y * width + x) * 3);
  }
  return { width, height, pixels };
}

/** Which of the crop's columns is shown in each column, or undefined for black. */
function columnsOf(image: RgbImage): (number | undefined)[] {
  return Array.from({ length: image.width }, (_, x) => {
    const shown = Array.from({ length: image.height }, (_, y) => {
      const [column, row, mark] = image.pixels.subarray((y * image.width + x) * 3);
      if (column === 0 && row === 0 && mark === 0) return undefined;
      if (row !== y + 1 || mark !== 255) throw new Error(`a foreign pixel at ${x}, ${y}`);
      return column! - 1;
    });
    if (new Set(shown).size !== 1) throw new Error(`column ${x} mixes columns`);
    return shown[0];
  });
}

const black = undefined;

describe('splitHalves', () => {
  it.each([
    // width, n_x, left half, right half; black columns are undefined
    [6, 2, [black, 0, 1, 2, black, black], [black, black, 3, 4, 5, black]],
    [6, 2.9, [black, 0, 1, 2, black, black], [black, black, 3, 4, 5, black]],
    [6, 3, [black, 0, 1, 2, 3, black], [black, black, 4, 5, black, black]],
    [5, 2, [black, 0, 1, 2, black], [black, black, 3, 4, black]],
    [5, 0.4, [black, black, 0, black, black], [black, 1, 2, 3, 4]],
    [4, 0, [black, 0, black, black], [black, 1, 2, 3]],
  ])('splits %d columns at %d', (width, noseX, left, right) => {
    const halves = splitHalves(numbered(width), noseX);
    expect(columnsOf(halves.left)).toEqual(left);
    expect(columnsOf(halves.right)).toEqual(right);
  });

  it.each([
    ['left of the crop', -0.1, 0],
    ['far left', -500, 0],
    ['in the last column', 6, 7],
    ['right of the crop', 6.7, 7],
    ['far right', 500, 7],
  ])('leaves one half empty for a nose %s', (_, noseX, leftColumns) => {
    const halves = splitHalves(numbered(7), noseX);
    const [whole, empty] = leftColumns === 7 ? [halves.left, halves.right] : [halves.right, halves.left];
    expect(whole).toEqual(numbered(7));
    expect(empty.pixels.every((value) => value === 0)).toBe(true);
  });

  it('shows every column once, in order, with the halves in the middle', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 120 }),
        fc.double({ min: -3, max: 125, noNaN: true }),
        (width, x) => {
          const halves = splitHalves(numbered(width, 2), x);
          const [left, right] = [columnsOf(halves.left), columnsOf(halves.right)];
          const shown = [...left, ...right].filter((column) => column !== undefined);
          expect(shown).toEqual(Array.from({ length: width }, (_, column) => column));
          for (const columns of [left, right]) {
            const first = columns.findIndex((column) => column !== undefined);
            const last = columns.findLastIndex((column) => column !== undefined);
            if (first >= 0) expect(Math.abs(first - (width - 1 - last))).toBeLessThanOrEqual(1);
          }
        },
      ),
    );
  });

  it("makes the mirrored crop's left half the mirrored right half", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 60 }),
        fc.double({ min: 0, max: 60, noNaN: true }),
        (width, x) => {
          fc.pre(!Number.isInteger(x) && !Number.isInteger(width - 1 - x));
          const crop = numbered(width);
          const ofMirrored = splitHalves(flip(crop), width - 1 - x);
          expect(ofMirrored.left).toEqual(flip(splitHalves(crop, x).right));
          expect(ofMirrored.right).toEqual(flip(splitHalves(crop, x).left));
        },
      ),
    );
  });

  it('rejects a nose that is nowhere', () => {
    expect(() => splitHalves(numbered(4), Number.NaN)).toThrow(RangeError);
  });
});

function flip({ width, height, pixels }: RgbImage): RgbImage {
  const flipped = new Uint8Array(pixels.length);
  for (let i = 0; i < width * height; i++) {
    const target = Math.floor(i / width) * width + (width - 1 - (i % width));
    flipped.set(pixels.subarray(i * 3, i * 3 + 3), target * 3);
  }
  return { width, height, pixels: flipped };
}

describe('splitHalves with mirror images', () => {
  it.each([
    // width, n_x, left half, right half; black where the half is too narrow
    [6, 2.4, [0, 1, 2, 2, 1, 0], [5, 4, 3, 3, 4, 5]],
    [6, 1, [0, 1, 1, 0, black, black], [3, 2, 2, 3, 4, 5]],
    [5, 3, [0, 1, 2, 3, 3], [black, black, black, 4, 4]],
    [4, 9, [0, 1, 2, 3], [black, black, black, black]],
  ])('completes %d columns split at %d', (width, noseX, left, right) => {
    const halves = splitHalves(numbered(width), noseX, 'mirrored');
    expect(columnsOf(halves.left)).toEqual(left);
    expect(columnsOf(halves.right)).toEqual(right);
  });

  it('of a symmetric face is the face itself', () => {
    const image = numbered(6);
    const symmetric = { ...image, pixels: image.pixels.slice() };
    for (let y = 0; y < 3; y++)
      for (let x = 3; x < 6; x++)
        symmetric.pixels.set(
          image.pixels.subarray((y * 6 + 5 - x) * 3, (y * 6 + 6 - x) * 3),
          (y * 6 + x) * 3,
        );
    const { left, right } = splitHalves(symmetric, 2.5, 'mirrored');
    expect([left.pixels, right.pixels]).toEqual([symmetric.pixels, symmetric.pixels]);
  });
});
