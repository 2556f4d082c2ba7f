import { expect, it } from 'vitest';
import type { Job } from '../../jobs/job.js';
import { defaultRetrainingPolicy } from './retraining-policy.js';
import { toTrainingMessage } from './training-messages.js';

const figures = { accuracyMean: 1, accuracyStandardDeviation: 0, equalErrorRate: 0, trueAcceptRates: [] };
const data = { counts: { identities: 10 }, heldOutIdentities: 2, heldOutBelow: 0.2, digest: '00' };
const input = { parent: 'net-1', policy: defaultRetrainingPolicy, activateWhenPassed: false };
const resultOf = (output: object, policy: object = {}) => {
  const job = {
    input: { ...input, policy: { ...input.policy, ...policy } },
    progress: null,
    output: { data, steps: 9, parentFigures: figures, ...output },
  } as unknown as Job;
  return toTrainingMessage(job, 'all').result;
};

it('tells how it went so far, but not in lists', () => {
  const point = {
    step: 4,
    learningRate: 1e-3,
    loss: 2,
    faceLoss: 1,
    symmetryLoss: 0.5,
    distillationLoss: 0.1,
  };
  const progress = { phase: 'training', curve: { points: [point], heldOut: [{ step: 0, ...figures }] } };
  const job = { input, progress, output: null } as unknown as Job;
  expect(toTrainingMessage(job, 'all').progress).toMatchObject({
    curve: { points: [point], heldOut: [{ step: 0, figures }] },
    parentFigures: figures,
  });
  expect(toTrainingMessage(job, 'summary').progress).toMatchObject({ curve: null, parentFigures: figures });
});

it('reads what jobs of before the share was found left', () => {
  const result = resultOf(
    { modelVersion: 'net-2', candidateFigures: figures, assessment: 'a' },
    { earlyStoppingPatience: 3 },
  );
  expect(result).toMatchObject({
    outcome: 'TRAINING_OUTCOME_CANDIDATE',
    modelVersion: 'modelVersions/net-2',
    shareOfTheWay: 1,
    choice: null,
    assessment: 'jobs/a',
  });
});

it('says that nothing is to be gained, and by what', () => {
  const shares = [
    { trainedShare: 0, trueAcceptRate: 0.9, gain: 0, equalErrorRate: 0.1 },
    {
      trainedShare: 1,
      trueAcceptRate: 0.8,
      gain: -0.1,
      gainInterval: { lower: -1, upper: 0 },
      equalErrorRate: 0.2,
    },
  ];
  const result = resultOf({
    choice: { trainedShare: 0, falseMatchRate: 0.01, askedFalseMatchRate: 0.001, faceCount: 40, shares },
  });
  expect(result).toMatchObject({
    outcome: 'TRAINING_OUTCOME_NOTHING_TO_GAIN',
    modelVersion: '',
    candidateFigures: null,
    assessment: '',
    shareOfTheWay: 0,
    choice: {
      falseMatchRate: 0.01,
      requestedFalseMatchRate: 0.001,
      faceCount: 40,
      shares: [
        { share: 0, gain: 0, gainInterval: null },
        { share: 1, gain: -0.1, gainInterval: { lower: -1, upper: 0 } },
      ],
    },
  });
});

it('says how far to go where the policy did', () => {
  expect(
    resultOf({ modelVersion: 'net-2', candidateFigures: figures }, { trainedShare: 0.5 })?.shareOfTheWay,
  ).toBe(0.5);
});
