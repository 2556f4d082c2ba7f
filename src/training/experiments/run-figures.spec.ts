import { expect, it } from 'vitest';

import type { LogEntry } from '../runs/run-log.js';
import { runMetrics } from './run-metrics.js';

function steps(step: number, epoch: number, faceLoss: number, symmetryLoss: number): LogEntry {
  const rest = { learningRate: 0.1, loss: 0, gradientNorm: 1, imagesPerSecond: 1, waitedShare: 0 };
  return { kind: 'steps', step, epoch, faceLoss, symmetryLoss, ...rest };
}

function evaluation(step: number, accuracyMean: number): LogEntry {
  const trueAcceptRates = [{ falseMatchRate: 0.01, trueAcceptRate: 0.7 }];
  const rest = { accuracyStandardDeviation: 0.1, equalErrorRate: 0.2, areaUnderCurve: 0.9, trueAcceptRates };
  return { kind: 'evaluation', step, set: 'lfw', accuracyMean, interClassVariance: 0.4, ...rest };
}

const data = { classCount: 4, faceCount: 16, symmetricCount: 8, samplesPerEpoch: 18 };

it('a run is what it was at its end', () => {
  const log = [
    steps(10, 0.9, 9, 3),
    evaluation(11, 0.5),
    steps(20, 1.5, 2, 1),
    steps(30, 2, 4, 0),
    evaluation(30, 0.8),
  ];
  expect(runMetrics(log, { state: 'finished', steps: 30, data })).toEqual({
    // The means of the last epoch's two entries.
    training: { steps: 30, ...data, faceLoss: 3, symmetryLoss: 0.5 },
    sets: {
      lfw: {
        accuracy: 0.8,
        equalErrorRate: 0.2,
        'trueAcceptRate@1e-2': 0.7,
        areaUnderCurve: 0.9,
        interClassVariance: 0.4,
      },
    },
  });
});

it('has no figure that was not measured', () => {
  const log = [steps(10, 0.9, 9, 0), evaluation(20, 0.5)];
  const { training, sets } = runMetrics(log, { state: 'finished', steps: 30 });
  expect(training).toEqual({ steps: 30, faceLoss: 9 });
  expect(sets).toEqual({});
  expect(runMetrics([], { state: 'finished', steps: 3 })).toEqual({ training: { steps: 3 }, sets: {} });
});
