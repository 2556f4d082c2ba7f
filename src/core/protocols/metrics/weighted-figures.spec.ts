import { expect, it } from 'vitest';

import { uniformGenerator } from '../../random/seeded-random.js';
import {
  areaUnderCurve,
  equalErrorRate,
  operatingPoints,
  pointAtFalseMatchRate,
  rankPairs,
} from './operating-points.js';
import { weightedFigures } from './weighted-figures.js';

const rates = [0.5, 0.1, 0.01];

it('are those of the operating points, ties and weights of 0 too', () => {
  const uniform = uniformGenerator(11);
  for (let trial = 0; trial < 50; trial++) {
    const genuine = Array.from({ length: 60 }, () => uniform() < 0.5);
    // Tenths: many are equal.
    const similarities = Float64Array.from(
      genuine,
      (is) => Math.round(10 * (uniform() + (is ? 0.3 : 0))) / 10,
    );
    const weights = Float64Array.from(genuine, () => Math.floor(3 * uniform()));
    const ranked = rankPairs({ similarities, genuine });
    const points = operatingPoints(ranked, weights);
    const figures = weightedFigures(ranked, rates)(weights)!;
    expect(figures.equalErrorRate).toBeCloseTo(equalErrorRate(points), 12);
    expect(figures.areaUnderCurve).toBeCloseTo(areaUnderCurve(points), 12);
    expect(figures.trueAcceptRates).toEqual(
      rates.map((rate) => expect.closeTo(pointAtFalseMatchRate(points, rate).trueAcceptRate, 12) as number),
    );
  }
});

it('are none without pairs of both kinds', () => {
  const ranked = rankPairs({ similarities: Float64Array.of(0.1, 0.2), genuine: [true, false] });
  expect(weightedFigures(ranked, rates)(Float64Array.of(1, 0))).toBeUndefined();
  expect(weightedFigures(ranked, rates)(Float64Array.of(1, 1))).toMatchObject({ areaUnderCurve: 0 });
});
