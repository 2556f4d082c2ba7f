import { describe, expect, it } from 'vitest';

import { uniformGenerator } from '../../random/seeded-random.js';
import { distanceRatio, type EmbeddedHalves, halfFigures, halfSymmetry } from './half-symmetry.js';

const at = (degrees: number): Float32Array =>
  Float32Array.of(Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180));
const face = (identity: string, left: number, right: number): EmbeddedHalves => ({
  identity,
  left: at(left),
  right: at(right),
});

describe('the symmetry of halves', () => {
  it('is the distance of a face’s halves over that of different persons’', () => {
    // Squared distances 2 - 2 cos: genuine 60° and 90°, 1 and 2; impostor: 0° to 180°, 4, and 90° to 60°, 2 - √3.
    const measured = halfSymmetry([face('a', 0, 60), face('b', 90, 180)])!;
    expect(measured.distance).toBeCloseTo(1.5, 6);
    expect(measured.ratio).toBeCloseTo(3 / (6 - Math.sqrt(3)), 6);
    // Similarities 0.5 and 0 against -1 and 0.866: each genuine pair beats one of two.
    expect(measured.areaUnderCurve).toBeCloseTo(0.5, 12);
    expect(measured.pairs?.identities).toEqual([['a', 'a'], ['a', 'b'], ['b', 'b'], ['b', 'a']]); // prettier-ignore
  });

  it('is best where halves are one and persons are apart', () => {
    const measured = halfSymmetry([face('a', 0, 0), face('b', 120, 120), face('c', 240, 240)]);
    expect(measured?.ratio).toBeCloseTo(0, 6);
    expect(measured?.areaUnderCurve).toBe(1);
  });

  it('is worst, not best, for an embedding that is a constant, though the distance is 0', () => {
    const constant = halfSymmetry([face('a', 30, 30), face('b', 30, 30), face('c', 30, 30)])!;
    const some = halfSymmetry([face('a', 0, 40), face('b', 120, 150), face('c', 240, 260)])!;
    expect(constant.distance).toBe(0);
    expect(constant.ratio).toBe(1);
    expect(constant.areaUnderCurve).toBeCloseTo(0.5, 12);
    expect(some.ratio!).toBeLessThan(constant.ratio!);
    expect(some.areaUnderCurve!).toBeGreaterThan(constant.areaUnderCurve!);
    expect(some.distance).toBeGreaterThan(constant.distance);
  });

  it('is that of chance for embeddings that say nothing of whom they show', () => {
    const uniform = uniformGenerator(5);
    const drawn = Array.from({ length: 400 }, (_, index) =>
      face(`${index}`, 360 * uniform(), 360 * uniform()),
    );
    const measured = halfSymmetry(drawn)!;
    // Each left half with one genuine and 10 other halves.
    expect(measured.pairs?.genuine).toHaveLength(400 * 11);
    expect(Math.abs(measured.ratio! - 1)).toBeLessThan(0.15);
    expect(Math.abs(measured.areaUnderCurve! - 0.5)).toBeLessThan(0.06);
  });

  it('compares with other persons only, and knows none where nobody is named', () => {
    const measured = halfSymmetry([face('a', 0, 10), face('a', 5, 20), face('b', 90, 95)]);
    expect(measured?.pairs?.genuine).toEqual([true, false, true, false, true, false, false]);
    expect(halfSymmetry([{ ...face('', 0, 60), identity: undefined }])).toMatchObject({
      ratio: undefined,
      pairs: undefined,
    });
    expect(halfSymmetry([face('a', 0, 60)])?.ratio).toBeUndefined();
    expect(halfSymmetry([])).toBeUndefined();
  });

  it('is told of persons who are known alone, and of a constant as the worst', () => {
    const constant = [face('a', 30, 30), face('b', 30, 30), face('c', 30, 30)];
    expect(halfFigures(constant)).toEqual({ faceCount: 3, distanceRatio: 1, areaUnderCurve: 0.5 });
    const unnamed = { ...face('', 0, 60), identity: undefined };
    expect(halfFigures([...constant, unnamed])?.faceCount).toBe(3);
    expect(halfFigures([constant[0]!, unnamed])).toBeUndefined();
  });

  it('weighs pairs', () => {
    const { pairs } = halfSymmetry([face('a', 0, 60), face('b', 90, 180)])!;
    expect(distanceRatio(pairs!, Float64Array.of(1, 1, 0, 0))).toBeCloseTo(1 / 4, 6);
  });
});
