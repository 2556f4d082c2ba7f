import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';

import { settledWeights } from '../../../../test/support/backbone-inputs.js';
import { useFastCpuGradients } from '../../../../test/support/fast-cpu-gradients.js';
import { smallTrainingSpec, someBatch } from '../../../../test/support/small-training-spec.js';
import { differenceOf, updateError } from '../../../../test/support/training-engines.js';
import { createFaceLoss } from '../../losses/face-losses.js';
import { initialState } from '../../step/initial-state.js';
import type { PlannedBatch, StepReport, TrainingEngine, TrainingState } from '../../step/training-engine.js';
import type { TrainingSpec } from '../../step/training-spec.js';
import { OrtTrainingEngine } from '../ort-training-engine.js';
import { DeviceTrainingEngine } from './device-training-engine.js';

const LOOPED = { provider: 'cpu', threads: 1 } as const;
const MIXED = { ...LOOPED, precision: 'mixed' } as const;
const LEARNING_RATE = 1e-3;

function planned(count: number, learningRate = LEARNING_RATE): readonly PlannedBatch[] {
  return Array.from({ length: count }, (_, step) => ({
    batch: someBatch(step),
    learningRate,
    accumulation: { batchCount: 1, isLast: true },
  }));
}

/** A batch of numbers that are none. */
function broken({ batch, ...plan }: PlannedBatch): PlannedBatch {
  return { ...plan, batch: { ...batch, images: batch.images.map(() => Number.NaN) } };
}

/** All of them, as a run has them computed. */
async function inTurns(engine: TrainingEngine, batches: readonly PlannedBatch[]): Promise<StepReport[]> {
  const reports: StepReport[] = [];
  for (const { batch, learningRate, accumulation } of batches)
    reports.push(await engine.step(batch, learningRate, accumulation));
  return reports;
}

/** Several at once, and again those that it did not take. */
async function atOnce(engine: DeviceTrainingEngine, batches: readonly PlannedBatch[]): Promise<StepReport[]> {
  const reports: StepReport[] = [];
  while (reports.length < batches.length)
    reports.push(...(await engine.steps(batches.slice(reports.length))));
  return reports;
}

function stateFor(spec: TrainingSpec): TrainingState {
  return initialState(spec, 2, settledWeights(spec.backbone));
}

describe('steps whose state stays on the device, in a loop', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
    return useFastCpuGradients();
  });

  it('are those of the engine that descends on the host', async () => {
    const faceLoss = createFaceLoss('adaface');
    const spec = smallTrainingSpec({
      faceLoss,
      normalisation: 'frozen',
      symmetry: { compare: 'unit' },
      sgd: { gradientClipNorm: 5 },
    });
    const state = stateFor(spec);
    const host = await OrtTrainingEngine.start(spec, state, LOOPED);
    const device = await DeviceTrainingEngine.start(spec, state, LOOPED);
    const expected = await inTurns(host, planned(20));
    const reports = [...(await device.steps(planned(16))), ...(await device.steps(planned(20).slice(16)))];
    expect(reports.length).toBe(20);
    for (const [step, report] of reports.entries())
      for (const [figure, value] of Object.entries<number>({ ...expected[step]! }))
        expect(
          Math.abs(report[figure as keyof StepReport]! - value),
          `${figure} of step ${step}`,
        ).toBeLessThanOrEqual(1e-3 * Math.abs(value));
    expect(differenceOf(await device.state(), await host.state())).toBeLessThan(1e-3);
    expect((await device.state()).lossState['meanNorm']).toBeCloseTo(
      (await host.state()).lossState['meanNorm']!,
      4,
    );
    await Promise.all([host.close(), device.close()]);
  });

  it('sum gradients up as it does, and go on in the middle of a step', async () => {
    const spec = smallTrainingSpec({ accumulateSteps: 3, normalisation: 'frozen' });
    const state = stateFor(spec);
    const batches = planned(5).map((each, at) => ({
      ...each,
      accumulation: { batchCount: at < 3 ? 3 : 2, isLast: at === 2 || at === 4 },
    }));
    const host = await OrtTrainingEngine.start(spec, state, LOOPED);
    const device = await DeviceTrainingEngine.start(spec, state, LOOPED);
    await inTurns(host, batches.slice(0, 4));
    await device.steps(batches.slice(0, 4));
    const midway = await device.state();
    expect(midway.gradients?.size).toBe((await host.state()).gradients?.size);
    const again = await DeviceTrainingEngine.start(spec, midway, LOOPED);
    await inTurns(host, batches.slice(4));
    await again.steps(batches.slice(4));
    expect((await again.state()).gradients).toBeUndefined();
    expect(differenceOf(await again.state(), await host.state())).toBeLessThan(1e-3);
    await Promise.all([host.close(), device.close(), again.close()]);
  });

  it('change running statistics as it does', async () => {
    const spec = smallTrainingSpec();
    const state = stateFor(spec);
    const host = await OrtTrainingEngine.start(spec, state, LOOPED);
    const device = await DeviceTrainingEngine.start(spec, state, LOOPED);
    // Weights that hardly move: over so few samples, norms make much of a rounding.
    await inTurns(host, planned(3, 1e-7));
    await device.steps(planned(3, 1e-7));
    const [onHost, onDevice] = [(await host.state()).weights, (await device.state()).weights];
    for (const { name } of spec.backbone.statistics) {
      expect(onHost.get(name)!.values).not.toEqual(state.weights.get(name)!.values);
      for (const [at, value] of onHost.get(name)!.values.entries())
        expect(onDevice.get(name)!.values[at], name).toBeCloseTo(value, 4);
    }
    await Promise.all([host.close(), device.close()]);
  });

  it('end before one that is not finite, and throw at it', async () => {
    const spec = smallTrainingSpec({ normalisation: 'frozen' });
    const state = stateFor(spec);
    const device = await DeviceTrainingEngine.start(spec, state, LOOPED);
    const alone = await DeviceTrainingEngine.start(spec, state, LOOPED);
    const [first, second, third] = planned(3) as [PlannedBatch, PlannedBatch, PlannedBatch];
    expect(await device.steps([first, second, broken(third)])).toEqual(await alone.steps([first, second]));
    expect(differenceOf(await device.state(), await alone.state())).toBe(0);
    await expect(device.steps([broken(third)])).rejects.toMatchObject({ reason: 'TRAINING_DIVERGED' });
    expect(differenceOf(await device.state(), await alone.state())).toBe(0);
    await Promise.all([device.close(), alone.close()]);
  });

  it('refuse a head that is sampled', async () => {
    const spec = { ...smallTrainingSpec(), sampledClasses: 3 };
    await expect(DeviceTrainingEngine.start(spec, stateFor(spec), LOOPED)).rejects.toThrow('head.sampleRate');
  });
});

describe('steps in mixed precision', () => {
  beforeAll(async () => tf.setBackend('cpu'));

  it('round products to 16 bits, and keep weights in 32', async () => {
    const spec = smallTrainingSpec({ normalisation: 'frozen', symmetry: { compare: 'unit' } });
    const state = stateFor(spec);
    const single = await DeviceTrainingEngine.start(spec, state, LOOPED);
    const mixed = await DeviceTrainingEngine.start(spec, state, MIXED);
    const [inSingle, inMixed] = [await atOnce(single, planned(4)), await atOnce(mixed, planned(4))];
    for (const [step, { loss }] of inMixed.entries()) {
      const expected = inSingle[step]!.loss;
      expect(Math.abs(loss - expected), `loss of step ${step}`).toBeLessThan(1e-2 * expected);
    }
    // Half floats have 11 bits.
    expect(Math.abs(inMixed[0]!.loss - inSingle[0]!.loss)).toBeGreaterThan(1e-6);
    const states = { before: state, expected: await single.state(), actual: await mixed.state() };
    expect(updateError(states)).toBeLessThan(5e-2);
    // A step is far smaller than what 16 bits can add to a weight.
    const moved = (after: TrainingState) =>
      [...after.weights].reduce((count, [name, { values }]) => {
        const before = state.weights.get(name)!.values;
        return count + values.filter((value, at) => value !== before[at]).length;
      }, 0);
    expect(moved(states.actual)).toBeGreaterThan(0.98 * moved(states.expected));
    await Promise.all([single.close(), mixed.close()]);
  });

  it('lower the scale of the loss until gradients are finite', async () => {
    // Gradients of 16 samples times 2^16 are more than 65,504 where the loss itself is large.
    const faceLoss = createFaceLoss('arcface', { scale: 64 });
    const spec = smallTrainingSpec({ normalisation: 'frozen', faceLoss });
    const engine = await DeviceTrainingEngine.start(spec, stateFor(spec), MIXED);
    const reports = await atOnce(engine, planned(4));
    expect(reports.length).toBe(4);
    for (const report of reports) expect(Number.isFinite(report.gradientNorm)).toBe(true);
    expect(engine.scaleOfLoss).toBeLessThan(2 ** 16);
    await engine.close();
  });

  it('lower the loss on a batch that they see again and again', async () => {
    const spec = smallTrainingSpec();
    const engine = await DeviceTrainingEngine.start(spec, initialState(spec, 1), MIXED);
    const one = planned(1, 0.05)[0]!;
    const first = (await engine.steps([one]))[0]!;
    let last = first;
    for (let run = 0; run < 3; run++)
      last = (
        await atOnce(
          engine,
          Array.from({ length: 10 }, () => one),
        )
      ).at(-1)!;
    expect(last.faceLoss).toBeLessThan(first.faceLoss / 2);
    await engine.close();
  });
});
