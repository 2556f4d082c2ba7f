import { expect, it } from 'vitest';
import { resolveThreshold } from '../../../core/verification/threshold.js';
import type { ComparedFace } from './compared-faces.js';
import { judgeSubject } from './judge-subject.js';

const calibration = {
  modelVersion: 'net-1',
  benchmarkRunId: 'e1',
  datasetId: 'lfw',
  description: 'lfw',
  thresholds: [
    {
      falseMatchRate: 1e-3,
      similarityThreshold: 0.5,
      bands: [
        { upTo: 0.5, similarityThreshold: 0.4, impostorPairCount: 1000 },
        { upTo: 0.75, similarityThreshold: 0.9, impostorPairCount: 1000 },
      ],
    },
  ],
  logistic: { slope: 2, offset: 0 },
  impostorPairCount: 2000,
  createTime: new Date(0),
};
const nothing = { similarityThreshold: undefined, falseMatchRate: undefined };
const sources = { calibration, recordedCalibration: undefined, recordedThreshold: undefined };
const rule = resolveThreshold(nothing, sources, 1e-3);
const embedding = Float32Array.of(0, 1);

function faceOf(faceId: string, similarity: number, expected: number): ComparedFace {
  return { faceId, similarity, expected, embedding };
}
/** 0.05 below its threshold, though the most similar. */
const poor = faceOf('poor', 0.85, 0.6);
/** 0.2 above. */
const good = faceOf('good', 0.6, 0.2);
/** So poor that no threshold is known. */
const unknown = faceOf('unknown', 0.99, 0.9);

it.each([[[poor, good, unknown]], [[unknown, good, poor]]])(
  'decides by the face highest above its own threshold, in whatever order they are',
  (faces) => {
    const judgement = judgeSubject(rule, 'best', faces);
    expect(judgement).toMatchObject({ matched: true, similarity: 0.6, threshold: { similarity: 0.4 } });
    expect(judgement?.bestFaceId).toBe('good');
  },
);

it('never takes a match back for a photograph that is enrolled besides', () => {
  expect(judgeSubject(rule, 'best', [good])?.matched).toBe(true);
  expect(judgeSubject(rule, 'best', [good, poor])?.matched).toBe(true);
});

it('decides by all together where that is asked for, and names the same face', () => {
  const judgement = judgeSubject(rule, 'mean', [poor, good, unknown]);
  // The mean of both similarities, against the mean of 0.9 and 0.4.
  expect(judgement?.similarity).toBeCloseTo(0.725, 6);
  expect(judgement?.threshold.similarity).toBeCloseTo(0.65, 12);
  expect(judgement).toMatchObject({ matched: true, bestFaceId: 'good' });
});

it.each(['best', 'mean'] as const)('decides nothing where no face has a threshold (%s)', (policy) => {
  expect(judgeSubject(rule, policy, [unknown])).toBeUndefined();
  expect(judgeSubject(rule, policy, [])).toBeUndefined();
});
