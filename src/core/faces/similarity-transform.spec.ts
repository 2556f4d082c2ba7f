import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arcFaceTemplate } from './alignment-template.js';
import { landmarkPoints, type Point } from './landmarks.js';
import {
  applyTransform,
  estimateSimilarityTransform,
  invertTransform,
  type SimilarityTransform,
  transformRotationRadians,
  transformScale,
} from './similarity-transform.js';

const template = landmarkPoints(arcFaceTemplate.landmarks);

const coordinate = fc.double({ min: -500, max: 500, noNaN: true });
const anyPoint = fc.record({ x: coordinate, y: coordinate });
const anyTransform = fc
  .record({
    scale: fc.double({ min: 0.05, max: 20, noNaN: true }),
    rotation: fc.double({ min: -Math.PI, max: Math.PI, noNaN: true }),
    translationX: coordinate,
    translationY: coordinate,
  })
  .map(({ scale, rotation, translationX, translationY }): SimilarityTransform => ({
    a: scale * Math.cos(rotation),
    b: scale * Math.sin(rotation),
    translationX,
    translationY,
  }));

function squaredError(transform: SimilarityTransform, from: readonly Point[], to: readonly Point[]): number {
  return from.reduce((sum, point, index) => {
    const { x, y } = applyTransform(transform, point);
    return sum + (x - to[index]!.x) ** 2 + (y - to[index]!.y) ** 2;
  }, 0);
}

describe('estimateSimilarityTransform', () => {
  it('turns, doubles and moves a unit step as computed by hand', () => {
    // (0,0) -> (5,7) and (1,0) -> (5,9): a quarter turn clockwise (y points down), twice the size.
    const transform = estimateSimilarityTransform(
      [
        { x: 0, y: 0 },
        { x: 1, y: 0 },
      ],
      [
        { x: 5, y: 7 },
        { x: 5, y: 9 },
      ],
    );
    expect(transform).toEqual({ a: 0, b: 2, translationX: 5, translationY: 7 });
    expect(transformScale(transform)).toBe(2);
    expect(transformRotationRadians(transform)).toBeCloseTo(Math.PI / 2, 12);
    expect(applyTransform(transform, { x: 0, y: 1 })).toEqual({ x: 3, y: 7 });
  });

  it('averages what no transform fits, as computed by hand', () => {
    // Centred: from (-1,0) (1,0) (0,0), to (-2,-1) (2,-1) (0,2). a = (2 + 2) / 2, b = (1 - 1) / 2.
    const transform = estimateSimilarityTransform(
      [
        { x: -1, y: 0 },
        { x: 1, y: 0 },
        { x: 0, y: 0 },
      ],
      [
        { x: -2, y: 0 },
        { x: 2, y: 0 },
        { x: 0, y: 3 },
      ],
    );
    expect(transform).toEqual({ a: 2, b: 0, translationX: 0, translationY: 1 });
  });

  it('recovers a known transform of five points', () => {
    fc.assert(
      fc.property(anyTransform, (known) => {
        const found = estimateSimilarityTransform(
          template,
          template.map((point) => applyTransform(known, point)),
        );
        const tolerance = 1e-9 * (1 + transformScale(known));
        expect(Math.abs(found.a - known.a)).toBeLessThan(tolerance);
        expect(Math.abs(found.b - known.b)).toBeLessThan(tolerance);
        expect(Math.abs(found.translationX - known.translationX)).toBeLessThan(100 * tolerance);
        expect(Math.abs(found.translationY - known.translationY)).toBeLessThan(100 * tolerance);
      }),
    );
  });

  it('has the smallest error: no small change of any parameter lowers it', () => {
    fc.assert(
      fc.property(fc.array(anyPoint, { minLength: 5, maxLength: 5 }), (to) => {
        const spread = Math.max(...to.map(({ x }) => x)) - Math.min(...to.map(({ x }) => x));
        fc.pre(spread > 10);
        const best = estimateSimilarityTransform(template, to);
        const error = squaredError(best, template, to);
        for (const parameter of ['a', 'b', 'translationX', 'translationY'] as const) {
          for (const step of [-0.01, 0.01]) {
            const moved = { ...best, [parameter]: best[parameter] + step };
            expect(squaredError(moved, template, to)).toBeGreaterThan(error);
          }
        }
      }),
    );
  });

  it('never reflects: a mirrored face is only turned and scaled', () => {
    const mirrored = template.map(({ x, y }) => ({ x: -x, y }));
    const { a, b } = estimateSimilarityTransform(template, mirrored);
    expect(a * a + b * b).toBeGreaterThan(0);
    expect(squaredError(estimateSimilarityTransform(template, mirrored), template, mirrored)).toBeGreaterThan(
      100,
    );
  });

  it.each<[string, readonly Point[], readonly Point[]]>([
    ['no points', [], []],
    ['one pair', [{ x: 1, y: 1 }], [{ x: 2, y: 2 }]],
    ['lengths that differ', template, template.slice(1)],
    ['coincident points to transform', template.map(() => ({ x: 0.1, y: 7.3 })), template],
    ['coincident targets', template, template.map(() => ({ x: 0.1, y: 7.3 }))],
    ['NaN', template.map(({ x }) => ({ x, y: Number.NaN })), template],
    ['infinity', template, template.map(({ y }) => ({ x: Number.POSITIVE_INFINITY, y }))],
    [
      'a mirrored square, which fits no turn better than another',
      [
        { x: 0, y: 0 },
        { x: 1, y: 0 },
        { x: 0, y: 1 },
        { x: 1, y: 1 },
      ],
      [
        { x: 1, y: 0 },
        { x: 0, y: 0 },
        { x: 1, y: 1 },
        { x: 0, y: 1 },
      ],
    ],
  ])('rejects %s', (_, from, to) => {
    expect(() => estimateSimilarityTransform(from, to)).toThrow(RangeError);
  });
});

describe('invertTransform', () => {
  it('takes every point back', () => {
    fc.assert(
      fc.property(anyTransform, anyPoint, (transform, point) => {
        const back = applyTransform(invertTransform(transform), applyTransform(transform, point));
        expect(Math.hypot(back.x - point.x, back.y - point.y)).toBeLessThan(1e-7);
      }),
    );
  });

  it.each([0, Number.NaN, Number.POSITIVE_INFINITY])('rejects the scale %d', (a) => {
    expect(() => invertTransform({ a, b: 0, translationX: 1, translationY: 1 })).toThrow(RangeError);
  });
});
