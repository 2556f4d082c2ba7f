import { describe, expect, it } from 'vitest';
import { sharedBatches } from './shared-batches.js';

describe('sharedBatches', () => {
  it.each([
    // Batches that a step has already are taken in turns, so that the run is the same batch by batch.
    [{ batchSize: 64, accumulateSteps: 8 }, 4, { batchSize: 64, accumulateSteps: 8 }],
    [{ batchSize: 512, accumulateSteps: 1 }, 8, { batchSize: 64, accumulateSteps: 8 }],
    [{ batchSize: 150, accumulateSteps: 1 }, 3, { batchSize: 50, accumulateSteps: 3 }],
    [{ batchSize: 64, accumulateSteps: 3 }, 2, { batchSize: 32, accumulateSteps: 6 }],
    // As few parts as make the batches a multiple of the processes.
    [{ batchSize: 64, accumulateSteps: 8 }, 16, { batchSize: 32, accumulateSteps: 16 }],
    [{ batchSize: 64, accumulateSteps: 6 }, 4, { batchSize: 32, accumulateSteps: 12 }],
    [{ batchSize: 7, accumulateSteps: 1 }, 1, { batchSize: 7, accumulateSteps: 1 }],
  ])('shares %j among %i', (plan, processes, expected) => {
    expect(sharedBatches(plan, processes)).toEqual(expected);
    expect(expected.batchSize * expected.accumulateSteps).toBe(plan.batchSize * plan.accumulateSteps);
  });

  it.each([
    // What one process normalises together, all normalise together.
    [{ batchSize: 64, accumulateSteps: 8 }, 4, { batchSize: 16, accumulateSteps: 32 }],
    [{ batchSize: 512, accumulateSteps: 1 }, 8, { batchSize: 64, accumulateSteps: 8 }],
  ])('cuts each batch of %j among %i where norms are synchronised', (plan, processes, expected) => {
    expect(sharedBatches(plan, processes, true)).toEqual(expected);
    const odd = { batchSize: 63, accumulateSteps: processes };
    expect(() => sharedBatches(odd, processes, true)).toThrow(
      /batches of 63 equally: take a batchSize that/u,
    );
  });

  it('refuses what cannot be shared equally, and says what could', () => {
    expect(() => sharedBatches({ batchSize: 150, accumulateSteps: 1 }, 8)).toThrow(
      /8 processes cannot share batches of 150 equally: .* multiple of 8/u,
    );
  });
});
