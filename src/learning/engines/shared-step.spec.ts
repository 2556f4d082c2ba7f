import { describe, expect, it } from 'vitest';
import { joinedProcesses } from '../../../test/support/joined-processes.js';
import { halfOf, wholeBatch } from '../../../test/support/shared-batch.js';
import { smallTrainingSpec } from '../../../test/support/small-training-spec.js';
import { createFaceLoss } from '../losses/face-losses.js';
import { initialState } from '../step/initial-state.js';
import type { TrainingSpec } from '../step/training-spec.js';
import type { TrainingState } from '../step/training-engine.js';
import { OrtTrainingEngine } from './ort-training-engine.js';

const oneCpu = { provider: 'cpu', threads: 1 } as const;
const learningRate = 1e-3;
const steps = 20;
const onlyBatch = { batchCount: 2, isLast: true };

const common = {
  faceLoss: createFaceLoss('arcface'),
  normalisation: 'frozen',
  symmetry: { compare: 'unit' },
  // Without it small differences of an untrained network grow with every step.
  sgd: { gradientClipNorm: 1 },
} as const;

/** Two engines that train together. The second one's state is another: it is to take over the first one's. */
async function twoEngines(spec: TrainingSpec) {
  const processes = joinedProcesses(2);
  return Promise.all(
    processes.map((each, rank) => OrtTrainingEngine.start(spec, initialState(spec, 1 + rank), oneCpu, each)),
  );
}

function bytesOf({ weights, velocities, lossState }: TrainingState) {
  return { weights: [...weights], velocities: [...velocities], lossState };
}

/** What one process tells of a step on the whole batch, and two with half of it each, which tell the same. */
async function stepOfBoth(
  alone: OrtTrainingEngine,
  pair: Awaited<ReturnType<typeof twoEngines>>,
  step: number,
) {
  const batch = wholeBatch(step);
  const expected = await alone.step(batch, learningRate);
  const [actual, other] = await Promise.all(
    pair.map((engine, rank) => engine.step(halfOf(batch, rank), learningRate, onlyBatch)),
  );
  expect(actual, `step ${step}`).toEqual(other);
  return { expected, actual: actual! };
}

describe('processes that train together', () => {
  it('take the steps of one process on the whole batch: losses to six digits over twenty steps', async () => {
    const whole = smallTrainingSpec(common);
    const alone = await OrtTrainingEngine.start(whole, initialState(whole, 1), oneCpu);
    const pair = await twoEngines(smallTrainingSpec({ ...common, batchSize: 4, splitSlots: 1 }));
    for (let step = 0; step < steps; step++) {
      const { expected, actual } = await stepOfBoth(alone, pair, step);
      for (const figure of ['loss', 'faceLoss', 'symmetryLoss', 'gradientNorm'] as const) {
        const error = Math.abs(actual[figure] / expected[figure] - 1);
        expect(error, `${figure} of step ${step}`).toBeLessThan(1e-6 * (figure === 'gradientNorm' ? 10 : 1));
      }
    }
    const [first, second] = await Promise.all(pair.map(async (engine) => engine.state()));
    expect(bytesOf(second!)).toEqual(bytesOf(first!));
    await Promise.all([alone, ...pair].map((engine) => engine.close()));
  });

  it('sum up several batches each, and one may have none', async () => {
    const spec = smallTrainingSpec({ ...common, accumulateSteps: 4 });
    const alone = await OrtTrainingEngine.start(spec, initialState(spec, 1), oneCpu);
    const pair = await twoEngines(spec);
    const last = (batchCount: number) => ({ batchCount, isLast: true });
    const notLast = { batchCount: 4, isLast: false };
    for (const batch of [0, 1, 2]) await alone.step(wholeBatch(batch), learningRate, notLast);
    const expected = [await alone.step(wholeBatch(3), learningRate, last(4))];
    // The epoch's last step has one batch.
    expected.push(await alone.step(wholeBatch(4), learningRate, last(1)));
    const turns = async (engine: OrtTrainingEngine, rank: number) => {
      await engine.step(wholeBatch(rank), learningRate, notLast);
      const told = [await engine.step(wholeBatch(rank + 2), learningRate, last(4))];
      told.push(
        rank === 0
          ? await engine.step(wholeBatch(4), learningRate, last(1))
          : await engine.stepWithoutBatch(learningRate, last(1)),
      );
      return told;
    };
    const told = await Promise.all(pair.map(turns));
    expect(told[0]).toEqual(told[1]);
    for (const step of [0, 1])
      expect(Math.abs(told[0]![step]!.gradientNorm / expected[step]!.gradientNorm - 1)).toBeLessThan(1e-5);
    expect(told[0]![1]!.loss).toBeCloseTo(expected[1]!.loss, 4);
    // The loss of the step is the mean of all four batches, not the last one's.
    const each = await Promise.all([0, 1, 2, 3].map((batch) => lossOf(spec, batch)));
    expect(told[0]![0]!.loss).toBeCloseTo(
      each.reduce((sum, loss) => sum + loss / 4, 0),
      4,
    );
    await Promise.all([alone, ...pair].map((engine) => engine.close()));
  });

  it('average running statistics over those that had a batch', async () => {
    const spec = smallTrainingSpec({ faceLoss: createFaceLoss('adaface', { statisticsRate: 0.5 }) });
    const apart = await Promise.all(
      [0, 1].map(async (batch) => {
        const engine = await OrtTrainingEngine.start(spec, initialState(spec, 1), oneCpu);
        await engine.step(wholeBatch(batch), 0);
        return engine.state();
      }),
    );
    const pair = await twoEngines(spec);
    await Promise.all(pair.map((engine, rank) => engine.step(wholeBatch(rank), 0, onlyBatch)));
    const together = await Promise.all(pair.map((engine) => engine.state()));
    expect(bytesOf(together[1]!)).toEqual(bytesOf(together[0]!));
    for (const { name } of spec.backbone.statistics) {
      const [a, b, mean] = [...apart, together[0]!].map((state) => state.weights.get(name)!.values);
      for (const [index, value] of mean!.entries())
        expect(value, name).toBeCloseTo((a![index]! + b![index]!) / 2, 5);
    }
    const [a, b] = apart.map(({ lossState }) => lossState['meanNorm']!);
    expect(together[0]!.lossState['meanNorm']).toBeCloseTo((a! + b!) / 2, 4);
    await Promise.all(pair.map((engine) => engine.close()));
  });

  it('all refuse a step in which one of them diverges, and keep the state before', async () => {
    const pair = await twoEngines(smallTrainingSpec(common));
    const before = await pair[0]!.state();
    const broken = wholeBatch(0);
    broken.images.fill(Number.NaN);
    const outcomes = await Promise.allSettled(
      pair.map((engine, rank) => engine.step(rank === 0 ? wholeBatch(0) : broken, learningRate, onlyBatch)),
    );
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { reason: 'TRAINING_DIVERGED' } });
    for (const engine of pair) expect(bytesOf(await engine.state())).toEqual(bytesOf(before));
    await Promise.all(pair.map((engine) => engine.close()));
  });
});

async function lossOf(spec: TrainingSpec, batch: number): Promise<number> {
  const engine = await OrtTrainingEngine.start(spec, initialState(spec, 1), oneCpu);
  const { loss } = await engine.step(wholeBatch(batch), 0);
  await engine.close();
  return loss;
}

describe('norms that are synchronised', () => {
  const live = { ...common, normalisation: 'live' } as const;
  const halves = { ...smallTrainingSpec({ ...live, batchSize: 4, splitSlots: 1 }), synchronisedNorms: true };

  /** The largest relative differences to one process on the whole batch: of losses, and of statistics in the end. */
  async function differences(spec: TrainingSpec) {
    const whole = smallTrainingSpec(live);
    const alone = await OrtTrainingEngine.start(whole, initialState(whole, 1), oneCpu);
    const pair = await twoEngines(spec);
    let losses = 0;
    for (let step = 0; step < steps; step++) {
      const { expected, actual } = await stepOfBoth(alone, pair, step);
      losses = Math.max(losses, Math.abs(actual.loss / expected.loss - 1));
    }
    const states = await Promise.all([alone, ...pair].map(async (engine) => engine.state()));
    await Promise.all([alone, ...pair].map((engine) => engine.close()));
    expect(bytesOf(states[2]!)).toEqual(bytesOf(states[1]!));
    const statistics = spec.backbone.statistics.flatMap(({ name }) => {
      const [expected, actual] = states.map(({ weights }) => weights.get(name)!.values);
      return Array.from(
        actual!,
        (value, index) => Math.abs(value - expected![index]!) / (1 + Math.abs(value)),
      );
    });
    return { losses, statistics: Math.max(...statistics) };
  }

  it('are those of one process on the whole batch: losses to six digits over twenty steps', async () => {
    const { losses, statistics } = await differences(halves);
    expect(losses).toBeLessThan(1e-6);
    expect(statistics).toBeLessThan(1e-5);
  });

  it('are others where each process normalises by its own batch', async () => {
    const { losses, statistics } = await differences({ ...halves, synchronisedNorms: false });
    expect(losses).toBeGreaterThan(1e-2);
    expect(statistics).toBeGreaterThan(1e-3);
  });

  it('are of those processes that have a batch', async () => {
    const spec = smallTrainingSpec({ ...live, accumulateSteps: 4 });
    const alone = await OrtTrainingEngine.start(spec, initialState(spec, 1), oneCpu);
    const pair = await twoEngines({ ...spec, synchronisedNorms: true });
    const before = { batchCount: 3, isLast: false };
    const last = { batchCount: 3, isLast: true };
    // Of three batches the processes have two at once: of the same samples, which together have the statistics of one.
    for (const batch of [0, 0]) await alone.step(wholeBatch(batch), learningRate, before);
    const expected = await alone.step(wholeBatch(1), learningRate, last);
    const [first, second] = await Promise.all([
      (async () => {
        await pair[0]!.step(wholeBatch(0), learningRate, before);
        return pair[0]!.step(wholeBatch(1), learningRate, last);
      })(),
      pair[1]!.step(wholeBatch(0), learningRate, last),
    ]);
    expect(second).toEqual(first);
    expect(Math.abs(first.gradientNorm / expected.gradientNorm - 1)).toBeLessThan(1e-5);
    const [one, two] = await Promise.all(pair.map(async (engine) => engine.state()));
    expect(bytesOf(two!)).toEqual(bytesOf(one!));
    await Promise.all([alone, ...pair].map((engine) => engine.close()));
  });

  it('are live ones of a process that trains alone', async () => {
    const specs = [smallTrainingSpec(live), { ...smallTrainingSpec(live), synchronisedNorms: true }];
    const reports = specs.map(async (spec) => {
      const engine = await OrtTrainingEngine.start(spec, initialState(spec, 1), oneCpu);
      const report = await engine.step(wholeBatch(0), learningRate);
      await engine.close();
      return report;
    });
    expect(await reports[1]).toEqual(await reports[0]);
  });

  it.each<[Partial<TrainingSpec>, 'cpu' | 'cuda', RegExp]>([
    [{ splitHead: true }, 'cpu', /leave out head\.split/u],
    [{ recompute: true, backbone: { ...halves.backbone, hasBlocks: true } }, 'cpu', /leave out recompute/u],
    [{}, 'cuda', /on the CPU only, not by cuda: leave out --provider/u],
  ])('are refused with %j by %s', async (setting, provider, message) => {
    const start = async () =>
      OrtTrainingEngine.start(
        { ...halves, ...setting },
        initialState(halves, 1),
        { provider, threads: 1 },
        joinedProcesses(1)[0],
      );
    await expect(start()).rejects.toThrow(message);
  });
});
