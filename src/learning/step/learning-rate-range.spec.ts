import { describe, expect, it } from 'vitest';

import { Failure } from '../../core/failure.js';
import type { TrainingBatch } from '../sampler/training-batch.js';
import { rateAt, type RangeTest, testLearningRates } from './learning-rate-range.js';
import type { StepReport } from './training-engine.js';

const plan = { lowest: 1e-5, highest: 10, steps: 120 };
const running = new AbortController().signal;

/**
 * ½ λ w², w = 1 at first, with gradients that are off by as much as batches are: descent on it learns too little at rates far
 * below 1/λ, and diverges above 2/λ.
 */
class NoisyParabola {
  private weight = 1;
  private count = 0;
  constructor(private readonly curvature: number) {}

  step(_batch: TrainingBatch, learningRate: number): Promise<StepReport> {
    const loss = 0.5 * this.curvature * this.weight ** 2;
    if (!Number.isFinite(loss))
      return Promise.reject(new Failure('TRAINING_DIVERGED', 'the loss is not finite'));
    const error = 0.1 * Math.sin(12.9898 * (this.count++) ** 2);
    this.weight -= learningRate * this.curvature * (this.weight + error);
    return Promise.resolve({ loss, faceLoss: loss, symmetryLoss: 0, gradientNorm: 0 });
  }
}

// eslint-disable-next-line @typescript-eslint/require-await -- the parabola has no data
async function* batches(count = Infinity): AsyncGenerator<TrainingBatch> {
  for (let batch = 0; batch < count; batch++) yield {} as TrainingBatch;
}

async function found(curvature: number): Promise<RangeTest> {
  const range = await testLearningRates(new NoisyParabola(curvature), batches(), plan, running);
  if (range === undefined) throw new Error('nobody has stopped it');
  return range;
}

describe('the learning-rate range test', () => {
  it.each([1, 10, 100])(
    'finds a rate that learns on a parabola and is far from diverging (λ = %d)',
    async (curvature) => {
      const { learningRate, lowest } = await found(curvature);
      expect(learningRate).toBeCloseTo(lowest.learningRate / 10, 12);
      // Known: w shrinks by 1 - ηλ a step, and grows without bound above η = 2/λ.
      expect(learningRate * curvature).toBeGreaterThan(0.01);
      expect(learningRate * curvature).toBeLessThan(0.2);
    },
  );

  it('says the same again', async () => {
    expect(await found(10)).toEqual(await found(10));
  });

  it('grows rates by one factor, and ends once the loss has risen', async () => {
    const { points } = await found(10);
    expect(points[0]?.learningRate).toBe(1e-5);
    expect(rateAt(plan, 119)).toBeCloseTo(10, 10);
    expect(rateAt(plan, 61) / rateAt(plan, 60)).toBeCloseTo(rateAt(plan, 2) / rateAt(plan, 1), 10);
    expect(points.length).toBeLessThan(plan.steps);
  });

  it('takes what there is of few batches', async () => {
    const range = await testLearningRates(new NoisyParabola(1), batches(5), plan, running);
    expect(range?.points).toHaveLength(5);
  });

  it('ends early by a signal, and throws what a start that is not finite does', async () => {
    await expect(
      testLearningRates(new NoisyParabola(1), batches(), plan, AbortSignal.abort()),
    ).resolves.toBeUndefined();
    await expect(
      testLearningRates(new NoisyParabola(Infinity), batches(), plan, running),
    ).rejects.toMatchObject({
      reason: 'TRAINING_DIVERGED',
    });
  });
});
