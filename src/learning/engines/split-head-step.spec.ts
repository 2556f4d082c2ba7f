import { describe, expect, it } from 'vitest';
import { joinedProcesses } from '../../../test/support/joined-processes.js';
import { halfOf, wholeBatch } from '../../../test/support/shared-batch.js';
import { smallTrainingSpec } from '../../../test/support/small-training-spec.js';
import { createFaceLoss } from '../losses/face-losses.js';
import type { TrainingBatch } from '../sampler/training-batch.js';
import { headShareOf } from '../step/head-share.js';
import { initialState } from '../step/initial-state.js';
import { sampleClasses, withSampledClasses } from '../step/sampled-classes.js';
import type { TrainingState } from '../step/training-engine.js';
import { HEAD, type TrainingSpec } from '../step/training-spec.js';
import { OrtTrainingEngine } from './ort-training-engine.js';

const oneCpu = { provider: 'cpu', threads: 1 } as const;
const learningRate = 1e-3;
const onlyBatch = { batchCount: 2, isLast: true };

function specOf(change: Partial<TrainingSpec> = {}, half = false): TrainingSpec {
  const spec = smallTrainingSpec({
    faceLoss: createFaceLoss('arcface'),
    normalisation: 'frozen',
    symmetry: { compare: 'unit' },
    sgd: { gradientClipNorm: 1 },
    ...(half ? { batchSize: 4, splitSlots: 1 } : {}),
  });
  return { ...spec, ...change };
}

/** Two engines with a half of the head each; the second one's state is another, as it takes over the first one's. */
async function twoEngines(spec: TrainingSpec, state = initialState(spec, 1)) {
  const states = [state, initialState(spec, 2)];
  return Promise.all(
    joinedProcesses(2).map((each, rank) =>
      OrtTrainingEngine.start({ ...spec, splitHead: true }, states[rank]!, oneCpu, each),
    ),
  );
}

async function wholeState(pair: readonly OrtTrainingEngine[]): Promise<TrainingState> {
  const [first] = await Promise.all(pair.map((engine) => engine.state()));
  return first!;
}

function expectAlike(actual: TrainingState, expected: TrainingState, digits: number): void {
  expect(actual.lossState).toEqual(
    Object.fromEntries(
      Object.entries(expected.lossState).map(([name, value]) => [name, expect.closeTo(value, 4) as number]),
    ),
  );
  for (const of of ['weights', 'velocities'] as const)
    for (const [name, { shape, values }] of expected[of]) {
      const array = actual[of].get(name)!;
      expect(array.shape, name).toEqual(shape);
      for (const [index, value] of array.values.entries())
        expect(Math.abs(value - values[index]!), `${of} of ${name}`).toBeLessThan(10 ** -digits);
    }
}

describe('a head that is split among processes', () => {
  it.each(['arcface', 'adaface', 'magface', 'sphereface', 'softmax'] as const)(
    'is that of one process on the whole batch (%s): losses to six digits over twenty steps',
    async (name) => {
      const faceLoss = createFaceLoss(name);
      const alone = await OrtTrainingEngine.start(
        specOf({ faceLoss }),
        initialState(specOf({ faceLoss }), 1),
        oneCpu,
      );
      const pair = await twoEngines(specOf({ faceLoss }, true));
      for (let step = 0; step < 20; step++) {
        const batch = wholeBatch(step);
        const expected = await alone.step(batch, learningRate);
        const actual = await Promise.all(
          pair.map((engine, rank) => engine.step(halfOf(batch, rank), learningRate, onlyBatch)),
        );
        expect(actual[0], `step ${step}`).toEqual(actual[1]);
        for (const figure of ['loss', 'faceLoss', 'symmetryLoss', 'gradientNorm'] as const) {
          const error = Math.abs(actual[0]![figure] / expected[figure] - 1);
          const limit = 1e-6 * (figure === 'gradientNorm' ? 10 : 1);
          expect(error, `${figure} of step ${step}`).toBeLessThan(limit);
        }
      }
      expectAlike(await wholeState(pair), await alone.state(), 5);
      await Promise.all([alone, ...pair].map((engine) => engine.close()));
    },
  );

  it('holds the columns of its own classes only, and goes on from the whole of them', async () => {
    const spec = specOf({}, true);
    const pair = await twoEngines(spec);
    const steps = async (engines: readonly OrtTrainingEngine[], from: number) => {
      for (let step = from; step < from + 2; step++)
        await Promise.all(
          engines.map((engine, rank) => engine.step(halfOf(wholeBatch(step), rank), learningRate, onlyBatch)),
        );
    };
    await steps(pair, 0);
    const [first, second] = await Promise.all(pair.map((engine) => engine.state()));
    // Five classes: two of the first process, three of the second.
    expect(first!.weights.get(HEAD)!.shape).toEqual([8, 5]);
    expect(second!.weights.get(HEAD)!.shape).toEqual([8, 3]);
    const again = await twoEngines(spec, first);
    await Promise.all([steps(pair, 2), steps(again, 2)]);
    expectAlike(await wholeState(again), await wholeState(pair), 12);
    await Promise.all([...pair, ...again].map((engine) => engine.close()));
  });

  it('takes several batches a step, of which the last process has fewer', async () => {
    const spec = specOf({ accumulateSteps: 4 });
    const alone = await OrtTrainingEngine.start(spec, initialState(spec, 1), oneCpu);
    const pair = await twoEngines(spec);
    const stepsOf = async (batchCount: number) => {
      const own = (rank: number) =>
        Array.from({ length: batchCount }, (_, place) => place).filter((place) => place % 2 === rank);
      for (let place = 0; place < batchCount; place++)
        await alone.step(wholeBatch(place), learningRate, { batchCount, isLast: place === batchCount - 1 });
      await Promise.all(
        pair.map(async (engine, rank) => {
          const places = own(rank);
          if (places.length === 0) await engine.stepWithoutBatch(learningRate, { batchCount, isLast: true });
          for (const [index, place] of places.entries())
            await engine.step(wholeBatch(place), learningRate, {
              batchCount,
              isLast: index === places.length - 1,
            });
        }),
      );
    };
    for (const batchCount of [4, 3, 1]) await stepsOf(batchCount);
    expectAlike(await wholeState(pair), await alone.state(), 5);
    await Promise.all([alone, ...pair].map((engine) => engine.close()));
  });

  it('takes some of its classes a step, those of the samples among them', async () => {
    const classCount = 40;
    const spec = specOf({ classCount, sampledClasses: 20 }, true);
    const shares = [0, 1].map((rank) => headShareOf({ ...spec, accumulateSteps: 2 }, { rank, size: 2 }));
    expect(shares).toEqual([
      { first: 0, classCount: 20, sampledClasses: 10 },
      { first: 20, classCount: 20, sampledClasses: 10 },
    ]);
    const whole = { ...wholeBatch(0), labels: Int32Array.from([3, 27, 3, 27, 5, 30, 39, 0]) };
    const sampled = shares.map(({ first }) =>
      sampleClasses(
        [...whole.labels].map((label) => label - first).filter((label) => label >= 0 && label < 20),
        { count: 10, classCount: 20 },
        1 + first,
        { epoch: 0, batch: 0 },
      ),
    );
    // One process takes the classes of both.
    const all = Int32Array.from(
      sampled.flatMap((classes, rank) => [...classes].map((each) => each + 20 * rank)),
    );
    const aloneSpec = specOf({ classCount, sampledClasses: 20 });
    const alone = await OrtTrainingEngine.start(aloneSpec, initialState(aloneSpec, 1), oneCpu);
    const expected = await alone.step(withSampledClasses(whole, all), learningRate);
    const pair = await twoEngines({ ...spec, accumulateSteps: 2 }, initialState(spec, 1));
    const told = await Promise.all(
      pair.map((engine, rank) => {
        const batch: TrainingBatch = { ...halfOf(whole, rank), classes: sampled[rank]! };
        return engine.step(batch, learningRate, onlyBatch);
      }),
    );
    expect(Math.abs(told[0]!.loss / expected.loss - 1)).toBeLessThan(1e-6);
    expectAlike(await wholeState(pair), await alone.state(), 6);
    await Promise.all([alone, ...pair].map((engine) => engine.close()));
  });

  it('is refused where classes cannot be split', async () => {
    for (const name of ['curricularface', 'uniface', 'unitsface'] as const)
      await expect(twoEngines(specOf({ faceLoss: createFaceLoss(name) }, true))).rejects.toThrow(
        /head.split: this loss needs all classes/u,
      );
  });

  it('keeps the state where a process diverges', async () => {
    const pair = await twoEngines(specOf({}, true));
    const before = await wholeState(pair);
    const broken = halfOf(wholeBatch(0), 1);
    broken.images.fill(Number.NaN);
    const outcomes = await Promise.allSettled(
      pair.map((engine, rank) =>
        engine.step(rank === 0 ? halfOf(wholeBatch(0), 0) : broken, learningRate, onlyBatch),
      ),
    );
    for (const outcome of outcomes)
      expect(outcome).toMatchObject({ status: 'rejected', reason: { reason: 'TRAINING_DIVERGED' } });
    expectAlike(await wholeState(pair), before, 12);
    await Promise.all(pair.map((engine) => engine.close()));
  });
});
