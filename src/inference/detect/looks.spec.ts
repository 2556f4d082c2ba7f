import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { applyTransform } from '../../core/faces/similarity-transform.js';
import { type Look, type QuarterTurns, scaleOf, tileLooks, wholeLook } from './looks.js';

const input = { width: 320, height: 320 };
const photograph = { width: 640, height: 480 };

function at({ inputToPhotograph }: Look, x: number, y: number): readonly [number, number] {
  const point = applyTransform(inputToPhotograph, { x, y });
  return [point.x, point.y];
}

describe('a look at the whole photograph', () => {
  it('shows it in the middle, as large as fits', () => {
    const look = wholeLook(photograph, input);
    expect(scaleOf(look)).toBe(2);
    // Above and below 240 of 320 rows are 40 without anything.
    expect(at(look, 0, 40)).toEqual([0, 0]);
    expect(at(look, 320, 280)).toEqual([640, 480]);
  });

  it.each([
    // What the top left, and the point to its right, of the turned photograph are in it.
    [1, [0, 480], [0, 478]],
    [2, [640, 480], [638, 480]],
    [3, [640, 0], [640, 2]],
  ] as const)('turns it clockwise by %d quarters', (turns, topLeft, nextToIt) => {
    const [x, y] = turns === 2 ? [0, 40] : [40, 0];
    const look = wholeLook(photograph, input, turns);
    expect(at(look, x, y)).toEqual(topLeft);
    expect(at(look, x + 1, y)).toEqual(nextToIt);
  });

  it('leaves a margin all around', () => {
    const look = wholeLook(photograph, input, 0, 0.5);
    expect(at(look, 80, 100)).toEqual([0, 0]);
    expect(at(look, 240, 220)).toEqual([640, 480]);
  });
});

describe('looks at parts', () => {
  it('show every face on some part whole that is no larger than the overlap', () => {
    const side = fc.integer({ min: 300, max: 9000 });
    const turns = fc.constantFrom<QuarterTurns>(0, 1, 2, 3);
    fc.assert(
      fc.property(
        side,
        side,
        turns,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (width, height, quarters, u, v) => {
          const overlap = 180;
          // Looks lie on whole pixels of the input.
          const slack = 2.25 / 2 + 1e-6;
          const looks = tileLooks({ width, height }, input, 2.25, overlap, quarters);
          const face = Math.min(overlap, width, height);
          const [left, top] = [u * (width - face), v * (height - face)];
          const isWhole = looks.some((look) => {
            const corners = [at(look, 0, 0), at(look, 320, 320)];
            const [xs, ys] = [corners.map(([x]) => x), corners.map(([, y]) => y)];
            return (
              Math.min(...xs) <= left + slack &&
              Math.min(...ys) <= top + slack &&
              Math.max(...xs) >= left + face - slack &&
              Math.max(...ys) >= top + face - slack
            );
          });
          expect(isWhole).toBe(true);
        },
      ),
    );
  });

  it('are one in the middle where one covers the photograph, and no more than are needed', () => {
    const [look, ...others] = tileLooks({ width: 700, height: 500 }, input, 2.25, 100);
    expect(others).toEqual([]);
    // 20 and 220 pixels to spare are 4.4 and 48.9 of the input on each side, to the next whole one.
    expect(at(look!, 4, 49)).toEqual([0, 0]);
    // Two of 720 that share 100 cover 1,340.
    expect(tileLooks({ width: 1340, height: 500 }, input, 2.25, 100)).toHaveLength(2);
    expect(tileLooks({ width: 1341, height: 500 }, input, 2.25, 100)).toHaveLength(3);
  });
});
