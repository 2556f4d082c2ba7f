import { describe, expect, it } from 'vitest';

import { Failure } from '../../domain/failure.js';
import type { TrainingBatch } from '../data/training-batch.js';
import type { TrainingEngine, TrainingState } from './training-engine.js';
import {
  runTraining,
  type StepProgress,
  TRAINING_START,
  type TrainingData,
  type TrainingPlace,
} from './training-run.js';

const batchesPerEpoch = 5;
const epochs = 3;
const plan = {
  epochs,
  learningRate: { initial: 0.1, dropEpochs: [2], dropFactor: 0.1, warmUpSteps: 0 },
  checkpointEverySteps: 4,
  evaluateEverySteps: 6,
};

/** Batches that are told apart by their label. */
const data: TrainingData = {
  batchesIn: () => batchesPerEpoch,
  batches: async function* (epoch, fromBatch) {
    for (let batch = fromBatch; batch < batchesPerEpoch; batch++) {
      await Promise.resolve();
      yield { batch: { labels: Int32Array.of(epoch * 10 + batch) } as unknown as TrainingBatch, waitedMs: 1 };
    }
  },
};

/** Runs a plan and notes what happens; its engine's state is the labels that it has seen. */
async function run(options: { from?: TrainingPlace; failAtStep?: number; stopAtStep?: number } = {}) {
  const seen: number[] = [];
  const saved: { place: TrainingPlace; seen: number }[] = [];
  const evaluated: number[] = [];
  const progress: StepProgress[] = [];
  const stop = new AbortController();
  const engine: TrainingEngine = {
    step: ({ labels }) => {
      if (seen.length + 1 === options.failAtStep) throw new Failure('TRAINING_DIVERGED', 'too far');
      seen.push(labels[0]!);
      return Promise.resolve({ loss: 1, faceLoss: 1, symmetryLoss: 0, gradientNorm: 1 });
    },
    state: () => Promise.resolve({ lossState: { seen: seen.length } } as unknown as TrainingState),
    close: () => Promise.resolve(),
  };
  const parts = {
    engine,
    data,
    saveCheckpoint: (place: TrainingPlace, state: TrainingState) => {
      saved.push({ place, seen: state.lossState['seen']! });
      return Promise.resolve();
    },
    onStep: (step: StepProgress) => {
      progress.push(step);
      if (step.place.step === options.stopAtStep) stop.abort();
    },
    evaluate: ({ step }: TrainingPlace) => {
      evaluated.push(step);
      return Promise.resolve();
    },
  };
  const ending = runTraining(parts, plan, options.from ?? TRAINING_START, stop.signal);
  const end = await ending.catch((error: unknown) => error);
  return { end, seen, saved, evaluated, progress };
}

const allLabels = [0, 1, 2, 3, 4, 10, 11, 12, 13, 14, 20, 21, 22, 23, 24];

describe('runTraining', () => {
  it('computes every batch of every epoch, in order, with checkpoints, evaluations and the schedule', async () => {
    const { end, seen, saved, evaluated, progress } = await run();
    expect(end).toEqual({ epoch: 3, batch: 0, step: 15 });
    expect(seen).toEqual(allLabels);
    expect(saved.map(({ place }) => place.step)).toEqual([4, 8, 12, 15]);
    expect(evaluated).toEqual([6, 12, 15]);
    expect(progress.map(({ learningRate }) => learningRate)).toEqual([
      ...new Array<number>(10).fill(0.1),
      ...new Array<number>(5).fill(0.1 * 0.1),
    ]);
  });

  it.each([1, 4, 5, 7, 14])(
    'goes on after a stop at step %i as if there had been none',
    async (stopAtStep) => {
      const first = await run({ stopAtStep });
      expect(first.saved.at(-1)!.place.step).toBe(stopAtStep);
      const second = await run({ from: first.saved.at(-1)!.place });
      expect([...first.seen, ...second.seen]).toEqual(allLabels);
      expect(second.end).toEqual({ epoch: 3, batch: 0, step: 15 });
    },
  );

  it('keeps what was learnt before a step that failed', async () => {
    const { end, saved } = await run({ failAtStep: 7 });
    expect(end).toMatchObject({ reason: 'TRAINING_DIVERGED' });
    expect(saved.at(-1)).toEqual({ place: { epoch: 1, batch: 1, step: 6 }, seen: 6 });
  });

  it('does nothing where all is done', async () => {
    const { seen, saved } = await run({ from: { epoch: 3, batch: 0, step: 15 } });
    expect(seen).toEqual([]);
    expect(saved).toEqual([]);
  });
});
