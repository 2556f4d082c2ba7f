import { describe, expect, it } from 'vitest';
import type { Job__Output } from '../../generated/symface/v1/Job.js';
import { nextStepLines } from './next-step.js';

const training = (result: object | null): Job__Output =>
  ({ training: { parentModelVersion: 'modelVersions/net-1', result } }) as unknown as Job__Output;
const assessment = (verdict: string, more: object = {}): Job__Output =>
  ({
    assessment: {
      verdict: `ASSESSMENT_VERDICT_${verdict}`,
      modelVersion: 'modelVersions/net-2',
      baselineModelVersion: 'modelVersions/net-1',
      activation: '',
      report: { checks: [] },
      ...more,
    },
  }) as unknown as Job__Output;
const failed = (...checks: readonly string[]) => ({
  report: {
    checks: [{ check: 'latency', passed: true }, ...checks.map((check) => ({ check, passed: false }))],
  },
});

describe('nextStepLines', () => {
  it.each<[string, Job__Output, RegExp]>([
    [
      'nothing to gain',
      training({ outcome: 'TRAINING_OUTCOME_NOTHING_TO_GAIN', assessment: '' }),
      /^ {2}next {6}nothing to do: net-1 verifies .* symface retrain$/u,
    ],
    [
      'a candidate',
      training({ outcome: 'TRAINING_OUTCOME_CANDIDATE', assessment: 'jobs/a' }),
      /symface jobs watch a$/u,
    ],
    [
      'the model that serves',
      training({ outcome: 'TRAINING_OUTCOME_CANDIDATE', assessment: '' }),
      /nothing to do: it is the model that serves/u,
    ],
    ['what passed', assessment('PASSED'), /Serve it with: symface models activate net-2$/u],
    ['what is activated', assessment('PASSED', { activation: 'jobs/b' }), /symface jobs watch b$/u],
    [
      'what has no threshold',
      assessment('REJECTED', failed('calibration')),
      /symface calibrate --folder <folder> --model net-2 .*symface models assess net-2$/u,
    ],
    [
      'what is worse',
      assessment('REJECTED', failed('held-out', 'calibration')),
      /nothing need be done: net-1 .*symface models activate net-2 --unassessed$/u,
    ],
  ])('says what to type after %s', (_, job, expected) => {
    expect(nextStepLines(job).join(' ').replaceAll(/ {11}/gu, '')).toMatch(expected);
  });

  it('says nothing of what has not ended', () => {
    expect(nextStepLines(training(null))).toEqual([]);
    expect(nextStepLines(assessment('UNSPECIFIED'))).toEqual([]);
    expect(nextStepLines({} as Job__Output)).toEqual([]);
  });
});
