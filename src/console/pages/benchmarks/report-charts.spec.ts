import { create } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import type { VerificationReport } from '../../../core/protocols/verification-report.js';
import { BenchmarkRunSchema } from '../../generated/symface/v1/benchmark_pb.js';
import { errorCurveOf, similaritiesOf, sliceChart, withInterval } from './report-charts.js';
import { reportedRun, runNames } from './reported-run.js';

const report = {
  curve: [{ falseMatchRate: 0.1, trueAcceptRate: 0.9 }],
  trueAcceptRates: [
    {
      falseMatchRate: 0.1,
      trueAcceptRate: 0.9,
      interval: { lower: 0.8, upper: 0.95 },
      similarityThreshold: 0.4,
    },
    { falseMatchRate: 0.01, trueAcceptRate: 0.5, similarityThreshold: null },
  ],
  histogram: { genuine: [0, 0, 0, 4], impostor: [0, 4, 0, 0] },
  frontnessSlices: [{ symmetricFaceCount: 2, pairCount: 100, accuracy: 0.9 }],
  qualitySlices: [
    { measure: 'yaw-degrees', from: 0, to: 12.4, pairCount: 50, genuinePairCount: 20, accuracy: 1 },
  ],
} as unknown as VerificationReport;

const run = (id: string, dataset: string) =>
  create(BenchmarkRunSchema, { modelVersion: `modelVersions/${id}`, dataset: `datasets/${dataset}` });

describe('the charts of a benchmark', () => {
  it('have a curve with the intervals that are known', () => {
    expect(errorCurveOf({ name: 'net', report })).toEqual({
      name: 'net',
      points: report.curve,
      intervals: [{ falseMatchRate: 0.1, lower: 0.8, upper: 0.95 }],
    });
  });

  it('have no threshold where no pair reaches one', () => {
    expect(similaritiesOf({ name: 'net', report }).legend.map(({ name }) => name)).not.toContain('threshold');
  });

  it('have slices by symmetry and quality, and none where nothing was measured', () => {
    const table = JSON.stringify(sliceChart([{ name: 'net', report }])?.table);
    expect(table).toContain('both symmetric');
    expect(table).toContain('0 to 12.4 °');
    const other = { name: 'other', report };
    expect(JSON.stringify(sliceChart([{ name: 'net', report }, other])?.table)).toContain('worst third');
    expect(
      sliceChart([{ name: 'net', report: { ...report, frontnessSlices: [], qualitySlices: [] } }]),
    ).toBeUndefined();
  });

  it("give a share Wilson's interval", () => {
    // statsmodels: proportion_confint(90, 100, method='wilson').
    const { lower, upper } = withInterval(0.9, 100);
    expect([lower, upper]).toEqual([expect.closeTo(0.825634, 5), expect.closeTo(0.944772, 5)]);
  });
});

describe('runs', () => {
  it('are told apart by what differs', () => {
    expect(runNames([run('a', 'lfw'), run('b', 'lfw')])).toEqual(['a', 'b']);
    expect(runNames([run('a', 'lfw'), run('a', 'cfp')])).toEqual(['a on lfw', 'a on cfp']);
    expect(runNames([run('a', 'lfw'), run('a', 'lfw')])).toEqual(['a (1)', 'a (2)']);
  });

  it('have their reports, or none', () => {
    const reported = create(BenchmarkRunSchema, { report: { reportJson: '{"areaUnderCurve":0.5}' } });
    expect(reportedRun(reported)?.report.areaUnderCurve).toBe(0.5);
    expect(reportedRun(run('a', 'lfw'))).toBeUndefined();
    expect(reportedRun(undefined)).toBeUndefined();
  });
});
