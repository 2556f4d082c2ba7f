import { describe, expect, it } from 'vitest';
import { kFoldAccuracy } from './k-fold-accuracy.js';

function cosineOf(squaredDistance: number): number {
  return 1 - squaredDistance / 2;
}

describe('kFoldAccuracy', () => {
  it('agrees with a hand-computed two-fold case', () => {
    // Squared distances. Fold 1: genuine 0.505, impostor 1.505. Fold 2: genuine 1.205, impostor 1.105.
    const similarities = Float64Array.from([0.505, 1.505, 1.205, 1.105].map(cosineOf));
    const genuine = [true, false, true, false];
    const result = kFoldAccuracy({ similarities, genuine }, 2);
    // On fold 2 the best is one of two right: the first threshold that is right on one is 0 (impostor
    // rejected). At 0, fold 1's genuine is rejected and its impostor too: 0.5.
    expect(result.folds[0]).toEqual({ distanceThreshold: 0, accuracy: 0.5 });
    // On fold 1 both are right from 0.51 on. At 0.51 fold 2's genuine is rejected, its impostor too: 0.5.
    expect(result.folds[1]?.distanceThreshold).toBeCloseTo(0.51, 10);
    expect(result.folds[1]?.accuracy).toBe(0.5);
    expect(result.mean).toBe(0.5);
    expect(result.standardDeviation).toBe(0);
  });

  it('is 1 where a threshold separates the pairs, 0 spread', () => {
    const genuine = Array.from({ length: 40 }, (_, index) => index % 2 === 0);
    const similarities = Float64Array.from(genuine.map((same) => (same ? 0.8 : 0.1)));
    expect(kFoldAccuracy({ similarities, genuine })).toMatchObject({ mean: 1, standardDeviation: 0 });
  });

  it('gives the first folds the pairs that do not divide, as scikit-learn', () => {
    const genuine = [true, true, false, false, true];
    const similarities = Float64Array.from([0.9, 0.9, 0, 0, -1]);
    const result = kFoldAccuracy({ similarities, genuine }, 2);
    // Folds [0, 1, 2] and [3, 4]: the second one's genuine pair is lost, its impostor right.
    expect(result.folds.map((fold) => fold.accuracy)).toEqual([expect.any(Number), 0.5]);
    expect((result.folds[0]?.accuracy ?? 0) * 3).toBeCloseTo(
      Math.round((result.folds[0]?.accuracy ?? 0) * 3),
      9,
    );
  });

  it('refuses what is no protocol', () => {
    expect(() => kFoldAccuracy({ similarities: new Float64Array(3), genuine: [true] })).toThrow(RangeError);
    expect(() => kFoldAccuracy({ similarities: new Float64Array(1), genuine: [true] })).toThrow(RangeError);
  });
});
