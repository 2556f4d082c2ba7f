import { describe, expect, it } from 'vitest';

import { learningRateAt, requireSchedule } from './learning-rate.js';

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

describe('requireSchedule', () => {
  it('names what is out of its range', () => {
    expect(() => {
      requireSchedule({ ...paper, initial: -1 });
    }).toThrow('learningRate.initial');
  });
});
