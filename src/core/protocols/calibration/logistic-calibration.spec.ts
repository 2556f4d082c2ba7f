import { describe, expect, it } from 'vitest';
import { fitLogistic, matchProbability } from './logistic-calibration.js';

describe('fitLogistic', () => {
  it('recovers the odds of two similarities that both kinds have', () => {
    // At 0.3: 1 of 4 genuine and 3 of 4 impostor pairs, odds 1 : 3; at 0.7 the other way round.
    const similarities = Float64Array.of(0.3, 0.7, 0.7, 0.7, 0.3, 0.3, 0.3, 0.7);
    const genuine = [true, true, true, true, false, false, false, false];
    const fit = fitLogistic({ similarities, genuine });
    expect(matchProbability(fit, 0.3)).toBeCloseTo(1 / 4, 5);
    expect(matchProbability(fit, 0.7)).toBeCloseTo(3 / 4, 5);
    // The share of genuine pairs in the data does not enter.
    const many = [...similarities, ...similarities.slice(4), ...similarities.slice(4)];
    const manyFit = fitLogistic({
      similarities: Float64Array.from(many),
      genuine: [...genuine, ...new Array<boolean>(8).fill(false)],
    });
    expect(manyFit.slope).toBeCloseTo(fit.slope, 6);
  });

  it('is as sure on a narrow scale as on a wide one', () => {
    const wide = Float64Array.from(
      { length: 400 },
      (_, pair) => (pair % 2) * 0.4 + ((pair * 37) % 100) / 150,
    );
    const genuine = Array.from(wide, (_, pair) => pair % 2 === 1);
    const narrow = wide.map((similarity) => 0.9 + similarity / 20);
    const [a, b] = [
      fitLogistic({ similarities: wide, genuine }),
      fitLogistic({ similarities: narrow, genuine }),
    ];
    expect(b.slope / a.slope / 20).toBeCloseTo(1, 2);
    expect(matchProbability(b, narrow[0]!)).toBeCloseTo(matchProbability(a, wide[0]!), 2);
  });

  it('stays finite and sure of itself where a threshold separates the pairs', () => {
    const similarities = Float64Array.of(
      ...new Array<number>(300).fill(0.6),
      ...new Array<number>(10).fill(0.97),
    );
    const genuine = Array.from(similarities, (similarity) => similarity > 0.9);
    const fit = fitLogistic({ similarities, genuine });
    expect(Number.isFinite(fit.slope) && Number.isFinite(fit.offset)).toBe(true);
    expect(matchProbability(fit, 0.97)).toBeGreaterThan(0.99);
    expect(matchProbability(fit, 0.6)).toBeLessThan(0.01);
  });
});
