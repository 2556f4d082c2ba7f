import { describe, expect, it } from 'vitest';
import type { EvaluationEntry, StepEntry } from '../../../training/runs/run-log.js';
import { CurveSoFar } from './curve-so-far.js';

function stepEntry(step: number, loss = step): StepEntry {
  const rest = { gradientNorm: 1, imagesPerSecond: 10, waitedShare: 0 };
  return {
    kind: 'steps',
    step,
    epoch: 0,
    learningRate: 1e-3,
    loss,
    faceLoss: loss,
    symmetryLoss: 0,
    ...rest,
  };
}

function evaluationEntry(step: number, equalErrorRate: number): EvaluationEntry {
  const rest = { accuracyMean: 0.9, accuracyStandardDeviation: 0.01, areaUnderCurve: 1, trueAcceptRates: [] };
  return { kind: 'evaluation', step, set: 'held-out', equalErrorRate, ...rest };
}

describe('CurveSoFar', () => {
  it('has a point an entry, and what was measured on the identities held out', () => {
    const curve = new CurveSoFar();
    const changes = [evaluationEntry(0, 0.2), stepEntry(1), stepEntry(2), evaluationEntry(2, 0.1)].map(
      (entry) => curve.add(entry),
    );
    expect(changes).toEqual([true, true, true, true]);
    expect(curve.curve.points.map(({ step, loss }) => [step, loss])).toEqual([
      [1, 1],
      [2, 2],
    ]);
    expect(curve.curve.heldOut.map(({ step, equalErrorRate }) => [step, equalErrorRate])).toEqual([
      [0, 0.2],
      [2, 0.1],
    ]);
  });

  it('leaves out warnings and the choice', () => {
    const curve = new CurveSoFar();
    expect(curve.add({ kind: 'warning', step: 3, sign: 'loss', text: '' } as never)).toBe(false);
    expect(curve.curve).toEqual({ points: [], heldOut: [] });
  });

  it('keeps to 240 points however long the training is, each the mean of as many entries', () => {
    const curve = new CurveSoFar();
    for (let step = 1; step <= 1000; step++) curve.add(stepEntry(step));
    const { points } = curve.curve;
    expect(points.length).toBeGreaterThanOrEqual(120);
    expect(points.length).toBeLessThanOrEqual(240);
    // The mean of steps 1 to 8 at step 8.
    expect(points[0]).toMatchObject({ step: 8, loss: 4.5 });
    expect(points.at(-1)).toMatchObject({ step: 1000, loss: 996.5 });
  });

  it('keeps to 240 measurements, the first and the last among them', () => {
    const curve = new CurveSoFar();
    for (let step = 0; step <= 1000; step++) curve.add(evaluationEntry(step, 0.1));
    const steps = curve.curve.heldOut.map(({ step }) => step);
    expect(steps.length).toBeLessThanOrEqual(240);
    expect([steps[0], steps.at(-1)]).toEqual([0, 1000]);
  });
});
