import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';

import { useFastCpuGradients } from '../../../test/support/fast-cpu-gradients.js';
import { smallTrainingSpec, someBatch } from '../../../test/support/small-training-spec.js';
import { differenceOf, type EngineKind, startEngine } from '../../../test/support/training-engines.js';
import type { TrainingBatch } from '../sampler/training-batch.js';
import { createFaceLoss } from '../losses/face-losses.js';
import { accumulationAt } from './accumulation.js';
import { initialState } from './initial-state.js';
import type { StepReport, TrainingEngine, TrainingState } from './training-engine.js';
import { trainingStep } from './training-step.js';

const LEARNING_RATE = 0.02;
/** Each a batch of eight samples. */
const BATCHES = 4;
const engines: readonly EngineKind[] = ['eager', 'compiled'];

/** No padding and no face split: every sample counts the same in the loss of its batch. */
function fullBatch(step: number): TrainingBatch {
  const batch = someBatch(step, 0);
  return { ...batch, sampleMask: batch.sampleMask.fill(1) };
}

function joined(first: TrainingBatch, second: TrainingBatch): TrainingBatch {
  return {
    images: Float32Array.of(...first.images, ...second.images),
    labels: Int32Array.of(...first.labels, ...second.labels),
    sampleMask: Float32Array.of(...first.sampleMask, ...second.sampleMask),
    rho: new Float32Array(),
  };
}

/** Batches of an epoch of four, two a step. */
async function accumulate(
  engine: TrainingEngine,
  batches: readonly number[],
  of: (step: number) => TrainingBatch,
) {
  const reports: StepReport[] = [];
  for (const batch of batches)
    reports.push(await engine.step(of(batch), LEARNING_RATE, accumulationAt(2, batch, BATCHES)));
  return reports;
}

describe.each(engines)('gradients that are accumulated (%s)', (kind) => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
    return useFastCpuGradients();
  });

  it('of two batches make the step of one that is twice as large', async () => {
    const options = { normalisation: 'frozen', splitSlots: 0 } as const;
    const halves = smallTrainingSpec({ ...options, accumulateSteps: 2 });
    const whole = smallTrainingSpec({ ...options, batchSize: 16 });
    const state = initialState(halves, 1);
    const [accumulating, plain] = [
      await startEngine(kind, halves, state),
      await startEngine(kind, whole, state),
    ];
    const reports = await accumulate(accumulating, [0, 1, 2, 3], fullBatch);
    const expected = [
      await plain.step(joined(fullBatch(0), fullBatch(1)), LEARNING_RATE),
      await plain.step(joined(fullBatch(2), fullBatch(3)), LEARNING_RATE),
    ];
    expect((reports[2]!.loss + reports[3]!.loss) / 2 / expected[1]!.loss).toBeCloseTo(1, 5);
    expect(reports[3]!.gradientNorm / expected[1]!.gradientNorm).toBeCloseTo(1, 4);
    const [after, wanted] = [await accumulating.state(), await plain.state()];
    expect(differenceOf(after, wanted)).toBeLessThan(1e-5);
    expect(differenceOf(after, state)).toBeGreaterThan(1e-3);
    await Promise.all([accumulating.close(), plain.close()]);
  });

  it('leave the weights before the last batch, and go on from there to the bit', async () => {
    // Live norms and AdaFace also keep statistics from batch to batch.
    const spec = smallTrainingSpec({ faceLoss: createFaceLoss('adaface'), accumulateSteps: 2 });
    const state = initialState(spec, 1);
    const whole = await startEngine(kind, spec, state);
    await accumulate(whole, [0, 1, 2, 3], someBatch);
    const first = await startEngine(kind, spec, state);
    await accumulate(first, [0, 1], someBatch);
    const boundary = await first.state();
    expect(boundary.gradients).toBeUndefined();
    await accumulate(first, [2], someBatch);
    const midway = await first.state();
    expect(midway.gradients?.size).toBe(spec.backbone.parameters.length + 1);
    // Running statistics have gone on.
    const statistics = new Set(spec.backbone.statistics.map(({ name }) => name));
    const parametersOf = ({ weights, ...rest }: TrainingState): TrainingState => ({
      ...rest,
      weights: new Map([...weights].filter(([name]) => !statistics.has(name))),
    });
    expect(differenceOf(parametersOf(midway), parametersOf(boundary))).toBe(0);
    expect(midway.lossState).not.toEqual(boundary.lossState);
    const second = await startEngine(kind, spec, midway);
    await accumulate(second, [3], someBatch);
    const [resumed, unstopped] = [await second.state(), await whole.state()];
    expect(differenceOf(resumed, unstopped)).toBe(0);
    expect(resumed.lossState).toEqual(unstopped.lossState);
    await Promise.all([whole, first, second].map(async (engine) => engine.close()));
  });
});

it('a step on one batch has no input for accumulation', () => {
  const names = (accumulateSteps: number) =>
    trainingStep(smallTrainingSpec({ accumulateSteps })).inputs.map(({ name }) => name);
  expect(names(1).filter((name) => /^gradient|^isLast$/u.test(name))).toEqual([]);
  expect(names(2).length).toBeGreaterThan(names(1).length);
});
