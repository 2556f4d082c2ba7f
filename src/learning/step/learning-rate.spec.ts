import { describe, expect, it } from 'vitest';

import { cosineRateAt, learningRateAt, requireSchedule } from './learning-rate.js';

const paper = { initial: 0.1, dropEpochs: [17], dropFactor: 0.1, warmUpSteps: 0 };

describe('learningRateAt', () => {
  it('is the paper’s schedule: 0.1, from epoch 17 on 0.01', () => {
    expect([0, 16, 17, 24].map((epoch) => learningRateAt(paper, epoch, 0))).toEqual([
      0.1,
      0.1,
      0.1 * 0.1,
      0.1 * 0.1,
    ]);
  });

  it('rises over the warm-up', () => {
    const schedule = { ...paper, warmUpSteps: 4 };
    expect([0, 1, 3, 4, 5].map((step) => learningRateAt(schedule, 0, step))).toEqual(
      [0.2, 0.4, 0.8, 1, 1].map((share) => 0.1 * share),
    );
  });

  it('drops again and again', () => {
    const schedule = { ...paper, dropEpochs: [2, 4], dropFactor: 0.5 };
    expect([1, 2, 3, 4].map((epoch) => learningRateAt(schedule, epoch, 0))).toEqual([0.1, 0.05, 0.05, 0.025]);
  });
});

describe('cosineRateAt', () => {
  const schedule = { initial: 0.1, warmUpSteps: 0, steps: 120 };

  it('is half a cosine from the first rate to a hundredth of it', () => {
    const rates = [0, 40, 60, 80, 120, 130].map((step) => cosineRateAt(schedule, step));
    // (1 + cos 60°) / 2 = 3/4, and 1/4 at 120°.
    const shares = [1, 0.01 + 0.99 * 0.75, 0.01 + 0.99 * 0.5, 0.01 + 0.99 * 0.25, 0.01, 0.01];
    for (const [index, share] of shares.entries()) expect(rates[index]).toBeCloseTo(0.1 * share, 12);
  });

  it('rises over the warm-up', () => {
    const warmed = { ...schedule, warmUpSteps: 3 };
    const shares = [0, 1, 2, 3].map((step) => cosineRateAt(warmed, step) / cosineRateAt(schedule, step));
    for (const [step, share] of shares.entries()) expect(share).toBeCloseTo((step + 1) / 4, 12);
  });
});

describe('requireSchedule', () => {
  it('names what is out of its range', () => {
    expect(() => {
      requireSchedule({ ...paper, initial: -1 });
    }).toThrow('learningRate.initial');
  });
});
