import { describe, expect, it } from 'vitest';

import { accumulationAt, reportOfStep, stepsIn } from './accumulation.js';

const placesOf = (accumulateSteps: number, batches: number) =>
  Array.from({ length: batches }, (_, batch) => accumulationAt(accumulateSteps, batch, batches));

describe('accumulationAt', () => {
  it('takes N batches a step, and at the end of an epoch what is left', () => {
    expect(placesOf(3, 5)).toEqual([
      { batchCount: 3, isLast: false },
      { batchCount: 3, isLast: false },
      { batchCount: 3, isLast: true },
      { batchCount: 2, isLast: false },
      { batchCount: 2, isLast: true },
    ]);
  });

  it.each([
    [1, 4],
    [2, 5],
    [3, 6],
    [8, 5],
  ])('of %i batches a step has as many steps in %i batches as it says', (accumulateSteps, batches) => {
    const steps = placesOf(accumulateSteps, batches).filter(({ isLast }) => isLast).length;
    expect(steps).toBe(stepsIn(accumulateSteps, batches));
  });
});

describe('reportOfStep', () => {
  it('averages losses and takes the last gradient', () => {
    const first = { loss: 3, faceLoss: 2, symmetryLoss: 1, gradientNorm: 9 };
    const last = { loss: 5, faceLoss: 4, symmetryLoss: 0, gradientNorm: 7 };
    expect(reportOfStep([first, last])).toEqual({ loss: 4, faceLoss: 3, symmetryLoss: 0.5, gradientNorm: 7 });
    expect(reportOfStep([last])).toEqual(last);
  });

  it('averages the loss of distillation where there is one', () => {
    const report = { loss: 3, faceLoss: 2, symmetryLoss: 1, gradientNorm: 9 };
    const both = [2, 4].map((distillationLoss) => ({ ...report, distillationLoss }));
    expect(reportOfStep(both)).toEqual({ ...report, distillationLoss: 3 });
  });
});
