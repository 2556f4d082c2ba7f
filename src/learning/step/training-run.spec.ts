import { describe, expect, it } from 'vitest';

import { Failure } from '../../core/failure.js';
import { joinedProcesses } from '../../../test/support/joined-processes.js';
import type { TrainingBatch } from '../sampler/training-batch.js';
import type { Accumulation, StepReport, TrainingEngine, TrainingState } from './training-engine.js';
import {
  runTraining,
  type StepProgress,
  TRAINING_START,
  type DataLoader,
  type TrainingPosition,
} from './training-run.js';

const batchesPerEpoch = 5;
const epochs = 3;
const plan = {
  epochs,
  learningRate: { initial: 0.1, dropEpochs: [2], dropFactor: 0.1, warmUpSteps: 0 },
  checkpointEverySteps: 4,
  evaluateEverySteps: 6,
  accumulateSteps: 1,
};

/** Batches that are told apart by their label. */
const data: DataLoader = {
  batchesIn: () => batchesPerEpoch,
  batches: async function* (epoch, fromBatch) {
    for (let batch = fromBatch; batch < batchesPerEpoch; batch++) {
      await Promise.resolve();
      yield { batch: { labels: Int32Array.of(epoch * 10 + batch) } as unknown as TrainingBatch, waitedMs: 1 };
    }
  },
};

interface RunOptions {
  readonly from?: TrainingPosition;
  readonly failAtStep?: number;
  readonly stopAtStep?: number;
  /** Stops after so many batches. */
  readonly stopAtBatch?: number;
  readonly accumulateSteps?: number;
  /** The engine takes so many at once, and one less of every other run. */
  readonly batchesPerRun?: number;
  /** The duration of a step, and of the time after which a checkpoint is due. */
  readonly clock?: { readonly stepMs: number; readonly checkpointEveryMs: number };
}

/** Runs a plan and notes what happens; its engine's state is the labels that it has seen. */
async function run(options: RunOptions = {}) {
  const { accumulateSteps = 1 } = options;
  const seen: number[] = [];
  const accumulations: (Accumulation | undefined)[] = [];
  const saved: { position: TrainingPosition; seen: number }[] = [];
  const evaluated: number[] = [];
  const progress: StepProgress[] = [];
  const stop = new AbortController();
  const runs: number[] = [];
  const rates: number[] = [];
  const engine: TrainingEngine = {
    ...(options.batchesPerRun !== undefined && { batchesPerRun: options.batchesPerRun }),
    steps: async (planned) => {
      const taken = planned.slice(0, planned.length > 1 && runs.length % 2 === 1 ? -1 : undefined);
      runs.push(taken.length);
      const reports: StepReport[] = [];
      for (const { batch, learningRate, accumulation } of taken) {
        if (seen.length + 1 === options.failAtStep && reports.length > 0) break;
        reports.push(await engine.step(batch, learningRate, accumulation));
      }
      return reports;
    },
    step: ({ labels }, rate, accumulation) => {
      rates.push(rate);
      if (seen.length + 1 === options.failAtStep) throw new Failure('TRAINING_DIVERGED', 'too far');
      seen.push(labels[0]!);
      accumulations.push(accumulation);
      if (seen.length === options.stopAtBatch) stop.abort();
      return Promise.resolve({ loss: labels[0]!, faceLoss: 1, symmetryLoss: 0, gradientNorm: labels[0]! });
    },
    state: () =>
      Promise.resolve({ weights: new Map(), velocities: new Map(), lossState: { seen: seen.length } }),
    close: () => Promise.resolve(),
  };
  const { clock } = options;
  const parts = {
    ...(clock && { nowMs: () => seen.length * clock.stepMs }),
    engine,
    data,
    saveCheckpoint: (position: TrainingPosition, state: TrainingState) => {
      saved.push({ position, seen: state.lossState['seen']! });
      return Promise.resolve();
    },
    onStep: (step: StepProgress) => {
      progress.push(step);
      if (step.position.step === options.stopAtStep) stop.abort();
    },
    evaluate: ({ step }: TrainingPosition) => {
      evaluated.push(step);
      return Promise.resolve();
    },
  };
  const ending = runTraining(
    parts,
    {
      ...plan,
      accumulateSteps,
      ...(clock && { checkpointEveryMs: clock.checkpointEveryMs }),
    },
    options.from ?? TRAINING_START,
    stop.signal,
  );
  const end = await ending.catch((error: unknown) => error);
  return { end, seen, saved, evaluated, progress, accumulations, runs, rates };
}

const allLabels = [0, 1, 2, 3, 4, 10, 11, 12, 13, 14, 20, 21, 22, 23, 24];

describe('runTraining', () => {
  it('computes every batch of every epoch, in order, with checkpoints, evaluations and the schedule', async () => {
    const { end, seen, saved, evaluated, progress } = await run();
    expect(end).toEqual({ epoch: 3, batch: 0, step: 15 });
    expect(seen).toEqual(allLabels);
    expect(saved.map(({ position }) => position.step)).toEqual([4, 8, 12, 15]);
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
      expect(first.saved.at(-1)!.position.step).toBe(stopAtStep);
      const second = await run({ from: first.saved.at(-1)!.position });
      expect([...first.seen, ...second.seen]).toEqual(allLabels);
      expect(second.end).toEqual({ epoch: 3, batch: 0, step: 15 });
    },
  );

  it('saves after a time, too, counted from the last checkpoint', async () => {
    const steps = async (stepMs: number) => {
      const { saved } = await run({ clock: { stepMs, checkpointEveryMs: 60 } });
      return [...new Set(saved.map(({ position }) => position.step))];
    };
    // Of 20 ms three steps are 60 ms; at 4, 8 and 12 a checkpoint is due by steps.
    expect(await steps(20)).toEqual([3, 4, 7, 8, 11, 12, 15]);
    expect(await steps(1)).toEqual([4, 8, 12, 15]);
    expect(await steps(100)).toEqual(Array.from({ length: 15 }, (_, step) => step + 1));
  });

  it('keeps what was learnt before a step that failed', async () => {
    const { end, saved } = await run({ failAtStep: 7 });
    expect(end).toMatchObject({ reason: 'TRAINING_DIVERGED' });
    expect(saved.at(-1)).toEqual({ position: { epoch: 1, batch: 1, step: 6 }, seen: 6 });
  });

  it('takes a step on several batches, and on those that are left at the end of an epoch', async () => {
    const { end, seen, progress, evaluated, accumulations } = await run({ accumulateSteps: 2 });
    expect(seen).toEqual(allLabels);
    expect(end).toEqual({ epoch: 3, batch: 0, step: 9 });
    expect(evaluated).toEqual([6, 9]);
    expect(progress.map(({ position: { batch } }) => batch)).toEqual([2, 4, 5, 2, 4, 5, 2, 4, 5]);
    expect(progress.slice(0, 3).map(({ report, batchCount }) => ({ ...report, batchCount }))).toEqual([
      { loss: 0.5, faceLoss: 1, symmetryLoss: 0, gradientNorm: 1, batchCount: 2 },
      { loss: 2.5, faceLoss: 1, symmetryLoss: 0, gradientNorm: 3, batchCount: 2 },
      { loss: 4, faceLoss: 1, symmetryLoss: 0, gradientNorm: 4, batchCount: 1 },
    ]);
    expect(accumulations.slice(2, 5)).toEqual([
      { batchCount: 2, isLast: false },
      { batchCount: 2, isLast: true },
      { batchCount: 1, isLast: true },
    ]);
  });

  it.each([1, 2, 3, 5, 8])('goes on after a stop at batch %i within a step', async (stopAtBatch) => {
    const whole = await run({ accumulateSteps: 3 });
    const first = await run({ accumulateSteps: 3, stopAtBatch });
    expect(first.saved.at(-1)!.seen).toBe(stopAtBatch);
    const second = await run({ accumulateSteps: 3, from: first.saved.at(-1)!.position });
    expect([...first.seen, ...second.seen]).toEqual(allLabels);
    expect([...first.accumulations, ...second.accumulations]).toEqual(whole.accumulations);
    expect(second.end).toEqual({ epoch: 3, batch: 0, step: 6 });
  });

  describe.each([2, 3, 16])('where the engine takes %i batches at once', (batchesPerRun) => {
    it('computes the same, and measures and keeps the same states', async () => {
      for (const accumulateSteps of [1, 2, 3]) {
        const one = await run({ accumulateSteps });
        const several = await run({ accumulateSteps, batchesPerRun });
        expect(Math.max(...several.runs)).toBeGreaterThan(1);
        for (const what of ['end', 'seen', 'saved', 'evaluated', 'accumulations', 'rates'] as const)
          expect(several[what], what).toEqual(one[what]);
        const told = ({ progress }: typeof one) =>
          progress.map(({ position, report }) => ({ position, report }));
        expect(told(several)).toEqual(told(one));
      }
    });

    it('keeps the state after the batches at hand where it is stopped, or fails', async () => {
      const stopped = await run({ batchesPerRun, stopAtStep: 5 });
      const { position, seen } = stopped.saved.at(-1)!;
      expect(position.step).toBe(seen);
      const second = await run({ batchesPerRun, from: position });
      expect([...stopped.seen, ...second.seen]).toEqual(allLabels);
      const failed = await run({ batchesPerRun, failAtStep: 7 });
      expect(failed.end).toMatchObject({ reason: 'TRAINING_DIVERGED' });
      expect(failed.saved.at(-1)).toEqual({ position: { epoch: 1, batch: 1, step: 6 }, seen: 6 });
    });

    it('keeps checkpoints that are due after a time at ends of runs only', async () => {
      const { saved } = await run({ batchesPerRun, clock: { stepMs: 20, checkpointEveryMs: 60 } });
      for (const { position, seen } of saved) expect(position.step).toBe(seen);
    });
  });

  it('does nothing where all is done', async () => {
    const { seen, saved } = await run({ from: { epoch: 3, batch: 0, step: 15 } });
    expect(seen).toEqual([]);
    expect(saved).toEqual([]);
  });

  describe('of two processes', () => {
    /** Runs the plan in both, and notes what each engine is given; `-` stands for a step without a batch. */
    async function runTogether(accumulateSteps: number, stopAtStep?: number, from = TRAINING_START) {
      const runs = joinedProcesses(2).map(async (processes) => {
        const seen: string[] = [];
        const saved: TrainingPosition[] = [];
        const stop = new AbortController();
        const step = async (batch: string, isLast: boolean) => {
          seen.push(`${batch}${isLast ? '|' : ''}`);
          if (isLast) await processes.sum([new Float32Array(1)]);
          return { loss: 1, faceLoss: 1, symmetryLoss: 0, gradientNorm: 1 };
        };
        const engine: TrainingEngine = {
          step: ({ labels }, _, accumulation) => step(String(labels[0]), accumulation?.isLast ?? true),
          stepWithoutBatch: () => step('-', true),
          state: () => Promise.resolve({ weights: new Map(), velocities: new Map(), lossState: {} }),
          close: () => Promise.resolve(),
        };
        const own: DataLoader = {
          ...data,
          batches: async function* (epoch, fromBatch, signal) {
            let place = fromBatch;
            for await (const batch of data.batches(epoch, fromBatch, signal))
              if (place++ % processes.size === processes.rank) yield batch;
          },
        };
        const end = await runTraining(
          {
            engine,
            data: own,
            processes,
            saveCheckpoint: (position) => {
              saved.push(position);
              return Promise.resolve();
            },
            // Only the second one is told to stop.
            onStep: ({ position }) => {
              if (position.step === stopAtStep && processes.rank === 1) stop.abort();
            },
            evaluate: () => Promise.resolve(),
          },
          { ...plan, epochs: 1, accumulateSteps },
          from,
          stop.signal,
        );
        return { end, seen, saved };
      });
      return Promise.all(runs);
    }

    it('each compute their turns, and take every step together', async () => {
      const [first, second] = await runTogether(2);
      expect(first!.seen).toEqual(['0|', '2|', '4|']);
      // The epoch's last step has one batch only.
      expect(second!.seen).toEqual(['1|', '3|', '-|']);
      expect(first!.end).toEqual({ epoch: 1, batch: 0, step: 3 });
      expect(second!.end).toEqual(first!.end);
      const [third, fourth] = await runTogether(4);
      expect([third!.seen, fourth!.seen]).toEqual([
        ['0', '2|', '4|'],
        ['1', '3|', '-|'],
      ]);
    });

    it('both stop where one is told to, with checkpoints between steps, and go on there', async () => {
      const [first, second] = await runTogether(2, 1);
      expect(first!.end).toEqual({ epoch: 0, batch: 2, step: 1 });
      expect(second!.end).toEqual(first!.end);
      expect(first!.saved).toEqual([first!.end]);
      const [third] = await runTogether(2, undefined, first!.end);
      expect(third!.seen).toEqual(['2|', '4|']);
    });
  });
});
