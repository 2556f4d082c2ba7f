import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { classVariance } from '../../src/core/protocols/metrics/class-variance.js';
import {
  identityBootstrap,
  percentileInterval,
} from '../../src/core/protocols/metrics/identity-bootstrap.js';
import { kFoldAccuracy, kFoldDecisions } from '../../src/core/protocols/metrics/k-fold-accuracy.js';
import { fitLogistic, matchProbability } from '../../src/core/protocols/calibration/logistic-calibration.js';
import {
  areaUnderCurve,
  equalErrorRate,
  operatingPoints,
  pointAtFalseMatchRate,
  rankPairs,
  supportedFalseMatchRates,
} from '../../src/core/protocols/metrics/operating-points.js';
import { mcNemar, pairedAccuracyInterval } from '../../src/core/protocols/metrics/paired-comparison.js';

/** Beyond what anybody prints; sums in another order differ in the last bits. */
const digits = 12;

function golden(name: string): unknown {
  return JSON.parse(readFileSync(new URL(`golden/${name}.json`, import.meta.url), 'utf8'));
}

interface Data {
  readonly pairs: readonly {
    readonly a: string;
    readonly b: string;
    readonly genuine: boolean;
    readonly similarity: number;
    readonly other: number;
  }[];
  readonly embeddings: readonly (readonly number[])[];
  readonly classes: readonly string[];
}

interface Figures {
  readonly kFold: {
    readonly thresholds: readonly number[];
    readonly accuracies: readonly number[];
    readonly mean: number;
    readonly std: number;
  };
  readonly trueAcceptRates: readonly { rate: number; trueAcceptRate: number; threshold: number }[];
  readonly equalErrorRate: number;
  readonly areaUnderCurve: number;
  readonly bootstrap: Readonly<Record<'equalErrorRate' | 'trueAcceptRate1e-2', readonly [number, number]>>;
  readonly logistic: readonly [number, number];
  readonly comparison: {
    readonly onlyFirst: number;
    readonly onlySecond: number;
    readonly pValue: number;
    readonly difference: number;
    readonly interval: readonly [number, number];
  };
  readonly classVariance: { readonly interClass: number; readonly intraClass: number };
}

describe('the verification figures, against the implementation in NumPy', () => {
  const { pairs, embeddings, classes } = golden('verification-pairs') as Data;
  const expected = golden('verification-metrics') as Figures;
  const genuine = pairs.map((pair) => pair.genuine);
  const scored = { similarities: Float64Array.from(pairs, ({ similarity }) => similarity), genuine };
  const other = { similarities: Float64Array.from(pairs, ({ other: similarity }) => similarity), genuine };
  const identities = pairs.map(({ a, b }) => [a, b] as const);
  const ranked = rankPairs(scored);
  const points = operatingPoints(ranked);
  const sample = { replicates: 200, seed: 20_240_916 };

  it('accuracy over ten folds, fold by fold', () => {
    const { folds, mean, standardDeviation } = kFoldAccuracy(scored);
    folds.forEach((fold, index) => {
      expect(fold.distanceThreshold).toBeCloseTo(expected.kFold.thresholds[index]!, digits);
      expect(fold.accuracy).toBeCloseTo(expected.kFold.accuracies[index]!, digits);
    });
    expect(mean).toBeCloseTo(expected.kFold.mean, digits);
    expect(standardDeviation).toBeCloseTo(expected.kFold.std, digits);
  });

  it('TAR at each FAR that the impostor pairs support, and its threshold', () => {
    const rates = supportedFalseMatchRates(genuine.filter((same) => !same).length);
    expect(rates).toEqual(expected.trueAcceptRates.map(({ rate }) => rate));
    for (const { rate, trueAcceptRate, threshold } of expected.trueAcceptRates) {
      const point = pointAtFalseMatchRate(points, rate);
      expect(point.trueAcceptRate).toBeCloseTo(trueAcceptRate, digits);
      expect(point.similarityThreshold).toBe(threshold);
    }
  });

  it('EER and AUC', () => {
    expect(equalErrorRate(points)).toBeCloseTo(expected.equalErrorRate, digits);
    expect(areaUnderCurve(points)).toBeCloseTo(expected.areaUnderCurve, digits);
  });

  it('bootstrap intervals over persons', () => {
    const rates: number[] = [];
    const errors: number[] = [];
    for (const weights of identityBootstrap(identities, sample.replicates, sample.seed)) {
      const weighted = operatingPoints(ranked, weights);
      errors.push(equalErrorRate(weighted));
      rates.push(pointAtFalseMatchRate(weighted, 1e-2).trueAcceptRate);
    }
    const intervals = {
      equalErrorRate: percentileInterval(errors),
      'trueAcceptRate1e-2': percentileInterval(rates),
    };
    for (const name of ['equalErrorRate', 'trueAcceptRate1e-2'] as const) {
      expect(intervals[name].lower, name).toBeCloseTo(expected.bootstrap[name][0], digits);
      expect(intervals[name].upper, name).toBeCloseTo(expected.bootstrap[name][1], digits);
    }
  });

  it('the logistic map from similarity to match probability', () => {
    const fit = fitLogistic(scored);
    expect(fit.slope).toBeCloseTo(expected.logistic[0], 9);
    expect(fit.offset).toBeCloseTo(expected.logistic[1], 9);
    const boundary = -fit.offset / fit.slope;
    expect(matchProbability(fit, boundary)).toBeCloseTo(0.5, digits);
  });

  it('the paired comparison of two models', () => {
    const [first, second] = [kFoldDecisions(scored), kFoldDecisions(other)];
    const comparison = mcNemar(first, second);
    const measured = pairedAccuracyInterval(first, second, identities, sample);
    const { onlyFirst, onlySecond, pValue, difference, interval } = expected.comparison;
    expect(comparison).toMatchObject({ onlyFirst, onlySecond });
    expect(comparison.pValue).toBeCloseTo(pValue, digits);
    expect(comparison.accuracyDifference).toBeCloseTo(difference, digits);
    expect(measured.lower).toBeCloseTo(interval[0], digits);
    expect(measured.upper).toBeCloseTo(interval[1], digits);
  });

  it('variances between and within classes', () => {
    const vectors = embeddings.map((values) => Float32Array.from(values));
    const { interClass, intraClass } = classVariance(vectors, classes);
    expect(interClass).toBeCloseTo(expected.classVariance.interClass, digits);
    expect(intraClass).toBeCloseTo(expected.classVariance.intraClass, digits);
  });
});
