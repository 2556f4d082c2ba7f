import { describe, expect, it } from 'vitest';
import { joinedProcesses } from '../../../test/support/joined-processes.js';
import { smallTrainingSpec, someBatch } from '../../../test/support/small-training-spec.js';
import { createFaceLoss } from '../losses/face-losses.js';
import { initialState } from '../step/initial-state.js';
import { sampleClasses, withSampledClasses } from '../step/sampled-classes.js';
import { HEAD, type TrainingSpec } from '../step/training-spec.js';
import { OrtTrainingEngine } from './ort-training-engine.js';

const oneCpu = { provider: 'cpu', threads: 1 } as const;
const learningRate = 0.05;
const classCount = 40;

function specOf(change: Partial<TrainingSpec> = {}): TrainingSpec {
  const spec = smallTrainingSpec({
    faceLoss: createFaceLoss('arcface', { scale: 16 }),
    normalisation: 'frozen',
    symmetry: { compare: 'unit' },
  });
  return { ...spec, classCount, ...change };
}

/** Steps of one engine on the whole head, or on so many of its classes. */
async function trained(spec: TrainingSpec, steps: number) {
  const engine = await OrtTrainingEngine.start(spec, initialState(spec, 1), oneCpu);
  const losses: number[] = [];
  for (let step = 0; step < steps; step++) {
    const { loss } = await engine.step(batchOf(spec, step), learningRate);
    losses.push(loss);
  }
  const state = await engine.state();
  await engine.close();
  return { losses, state };
}

function batchOf({ sampledClasses: count }: TrainingSpec, step: number) {
  const batch = someBatch(step);
  if (count === undefined) return batch;
  const place = { epoch: 0, batch: step };
  return withSampledClasses(batch, sampleClasses(batch.labels, { count, classCount }, 1, place));
}

function columnOf(values: Float32Array, column: number): number[] {
  return Array.from({ length: values.length / classCount }, (_, row) => values[row * classCount + column]!);
}

describe('a head of which each step takes some classes', () => {
  it('is the whole head where all are taken', async () => {
    const [whole, sampled] = [
      await trained(specOf(), 4),
      await trained(specOf({ sampledClasses: classCount }), 4),
    ];
    expect(sampled.losses).toEqual(whole.losses);
    expect(sampled.state.weights.get(HEAD)).toEqual(whole.state.weights.get(HEAD));
    expect(sampled.state.velocities.get(HEAD)).toEqual(whole.state.velocities.get(HEAD));
  });

  it('changes the columns of those alone, weights and momentum, as a head of just those would', async () => {
    const spec = specOf({ sampledClasses: 12 });
    const before = initialState(spec, 1);
    const { state, losses } = await trained(spec, 1);
    const [old, now] = [before, state].map(({ weights }) => weights.get(HEAD)!.values);
    const momentum = state.velocities.get(HEAD)!.values;
    // A head that has these twelve classes and no other.
    const alone = specOf({ classCount: 12 });
    const { classes: taken, ...batch } = batchOf(spec, 0);
    const own = initialState(alone, 1);
    const columns = Float32Array.from(
      { length: 12 * 8 },
      (_, at) => columnOf(old!, taken![at % 12]!)[Math.floor(at / 12)]!,
    );
    const engine = await OrtTrainingEngine.start(
      alone,
      { ...own, weights: new Map(before.weights).set(HEAD, { shape: [8, 12], values: columns }) },
      oneCpu,
    );
    expect((await engine.step(batch, learningRate)).loss).toBe(losses[0]);
    const expected = (await engine.state()).weights.get(HEAD)!.values;
    await engine.close();
    for (let column = 0; column < classCount; column++) {
      const place = taken!.indexOf(column);
      const isTaken = place >= 0;
      expect(
        columnOf(momentum, column).some((value) => value !== 0),
        `momentum of ${column}`,
      ).toBe(isTaken);
      const wanted = isTaken
        ? Array.from({ length: 8 }, (_, row) => expected[row * 12 + place])
        : columnOf(old!, column);
      expect(columnOf(now!, column), `class ${column}`).toEqual(wanted);
    }
  });

  it('is trained by several processes on the same classes, also where one has no batch', async () => {
    const spec = specOf({ sampledClasses: 12, accumulateSteps: 2 });
    const count = 12;
    const labels = [...someBatch(0).labels, ...someBatch(1).labels];
    const classes = sampleClasses(labels, { count, classCount }, 1, { epoch: 0, batch: 0 });
    const lastClasses = sampleClasses(someBatch(2).labels, { count, classCount }, 1, { epoch: 0, batch: 2 });
    const batches = [classes, classes, lastClasses].map((each, index) =>
      withSampledClasses(someBatch(index), each),
    );
    const alone = await OrtTrainingEngine.start(spec, initialState(spec, 1), oneCpu);
    await alone.step(batches[0]!, learningRate, { batchCount: 2, isLast: false });
    await alone.step(batches[1]!, learningRate, { batchCount: 2, isLast: true });
    await alone.step(batches[2]!, learningRate, { batchCount: 1, isLast: true });
    const pair = await Promise.all(
      joinedProcesses(2).map((each) => OrtTrainingEngine.start(spec, initialState(spec, 1), oneCpu, each)),
    );
    await Promise.all(
      pair.map(async (engine, rank) => {
        await engine.step(batches[rank]!, learningRate, { batchCount: 2, isLast: true });
        const last = { batchCount: 1, isLast: true };
        if (rank === 0) await engine.step(batches[2]!, learningRate, last);
        else await engine.stepWithoutBatch(learningRate, last);
      }),
    );
    const [expected, ...heads] = await Promise.all(
      [alone, ...pair].map(async (engine) => (await engine.state()).weights.get(HEAD)!.values),
    );
    expect(heads[1]).toEqual(heads[0]);
    for (const [index, value] of heads[0]!.entries()) expect(value).toBeCloseTo(expected![index]!, 5);
    await Promise.all([alone, ...pair].map((engine) => engine.close()));
  });

  it('refuses a batch that does not say which classes', async () => {
    const spec = specOf({ sampledClasses: 12 });
    const engine = await OrtTrainingEngine.start(spec, initialState(spec, 1), oneCpu);
    await expect(engine.step(someBatch(0), learningRate)).rejects.toThrow(/does not say which classes/u);
    await engine.close();
  });
});
