import { describe, expect, it } from 'vitest';
import type { PairedComparison } from '../../../core/protocols/compare-pair-scores.js';
import type { Assessment } from './assessment.js';
import { assessmentPolicy } from './assessment-policy.js';
import { assessByPolicy } from './judge.js';

const figures = {
  accuracyMean: 0.9,
  accuracyStandardDeviation: 0.01,
  equalErrorRate: 0.1,
  trueAcceptRates: [],
};

function difference(
  accuracyDifference: number,
  interval?: readonly [number, number],
  pValue = 1,
): PairedComparison {
  return {
    pairCount: 100,
    onlyFirst: 1,
    onlySecond: 2,
    pValue,
    accuracyDifference,
    accuracyInterval: interval && { lower: interval[0], upper: interval[1] },
    trueAcceptRateDifferences: [],
  };
}

const heldOutBy = (change: PairedComparison): NonNullable<Assessment['heldOut']> => ({
  baseline: figures,
  candidate: figures,
  difference: change,
  identityCount: 5,
  faceCount: 20,
});

const benchmarkBy = (change: PairedComparison): Assessment['benchmarks'][number] => ({
  baseline: figures,
  candidate: figures,
  difference: change,
  datasetId: 'lfw',
  baselineRun: 'a',
  candidateRun: 'b',
});

const good: Assessment = {
  candidate: 'net-2',
  baseline: 'net-1',
  detector: 'detector-1',
  heldOut: heldOutBy(difference(0.01, [-0.01, 0.03])),
  benchmarks: [benchmarkBy(difference(-0.002, [-0.006, 0.002]))],
  latencyMs: { baseline: 10, candidate: 14 },
  sizeBytes: { baseline: 1000, candidate: 1900 },
  calibration: { datasetId: 'lfw', description: 'lfw', falseMatchRate: 1e-3, similarityThreshold: 0.4 },
};

const failedBy = (change: Partial<Assessment>, policy: Parameters<typeof assessmentPolicy>[0] = {}) =>
  assessByPolicy({ ...good, ...change }, assessmentPolicy(policy))
    .filter(({ hasPassed }) => !hasPassed)
    .map(({ name }) => name);

describe('assessByPolicy', () => {
  it('passes a candidate that is better on held-out faces and within chance on benchmarks', () => {
    expect(failedBy({})).toEqual([]);
  });

  it('fails one that is worse on a benchmark beyond the interval', () => {
    const worse = [...good.benchmarks, benchmarkBy(difference(-0.01, [-0.019, -0.001]))];
    expect(failedBy({ benchmarks: worse })).toEqual(['benchmark']);
  });

  it("goes by McNemar's test where a data set names no persons", () => {
    expect(failedBy({ benchmarks: [benchmarkBy(difference(-0.01, undefined, 0.04))] })).toEqual([
      'benchmark',
    ]);
    expect(failedBy({ benchmarks: [benchmarkBy(difference(-0.01, undefined, 0.06))] })).toEqual([]);
    expect(failedBy({ benchmarks: [benchmarkBy(difference(0.01, undefined, 0.01))] })).toEqual([]);
  });

  it.each([
    ['better', 0, [-0.01, 0.01], false],
    ['better', 0.001, [-0.01, 0.01], true],
    ['better-beyond-chance', 0.001, [-0.01, 0.01], false],
    ['better-beyond-chance', 0.02, [0.001, 0.04], true],
    ['not-worse', -0.01, [-0.02, 0], true],
    ['not-worse', -0.01, [-0.02, -0.001], false],
    ['ignored', -0.5, [-0.6, -0.4], true],
  ] as const)('wants held-out faces to be %s: %d %j', (rule, change, interval, hasPassed) => {
    const heldOut = heldOutBy(difference(change, interval));
    expect(failedBy({ heldOut }, { heldOut: rule })).toEqual(hasPassed ? [] : ['held-out']);
  });

  it('fails what could not be compared on held-out faces, unless nobody asks for it', () => {
    expect(failedBy({ heldOut: undefined })).toEqual(['held-out']);
    expect(failedBy({ heldOut: undefined }, { heldOut: 'ignored' })).toEqual([]);
  });

  it('fails what is too slow, too large or without a threshold, by the limits it is given', () => {
    const poor = {
      latencyMs: { baseline: 10, candidate: 15.1 },
      sizeBytes: { baseline: 1000, candidate: 3001 },
      calibration: { refusal: 'too few pairs' },
    };
    expect(failedBy(poor)).toEqual(['latency', 'size', 'calibration']);
    const lenient = { maximumLatencyRatio: 2, maximumSizeRatio: 4, requireCalibration: false };
    expect(failedBy(poor, lenient)).toEqual([]);
  });

  it('says what was found', () => {
    const findings = assessByPolicy(good, assessmentPolicy({})).map(({ finding }) => finding);
    expect(findings).toEqual([
      'accuracy on 20 faces of 5 identities +1.00 points (-1.00 to +3.00); must be better',
      'accuracy -0.20 points (-0.60 to +0.20)',
      '14.00 ms beside 10.00 ms: 1.40 times, at most 1.5',
      '0.00 MiB beside 0.00 MiB: 1.90 times, at most 3',
      'threshold 0.4000 at a false match rate of 1e-3 on lfw',
    ]);
  });
});

describe('assessmentPolicy', () => {
  it('names every setting that is out of its bounds', () => {
    const given = {
      heldOutPairs: 1,
      maximumLatencyRatio: 0,
      maximumSizeRatio: Number.NaN,
    };
    expect(() => assessmentPolicy(given)).toThrow(
      /held_out_pair_count .*; policy.maximum_latency_ratio .*; policy.maximum_size_ratio /u,
    );
  });
});
