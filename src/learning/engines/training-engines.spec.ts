import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';

import { settledWeights } from '../../../test/support/backbone-inputs.js';
import { useFastCpuGradients } from '../../../test/support/fast-cpu-gradients.js';
import { smallTrainingSpec, someBatch } from '../../../test/support/small-training-spec.js';
import { differenceOf, updateError } from '../../../test/support/training-engines.js';
import { createFaceLoss } from '../losses/face-losses.js';
import { backboneWeightsOf, type TrainingSpec } from '../step/training-spec.js';
import { initialState } from '../step/initial-state.js';
import type { StepReport, TrainingEngine, TrainingState } from '../step/training-engine.js';
import { EagerTrainingEngine } from './eager-training-engine.js';
import { OrtTrainingEngine } from './ort-training-engine.js';

const LEARNING_RATE = 0.1;
const STEPS = 20;
const ONE_CPU = { provider: 'cpu', threads: 1 } as const;

async function reportsOf(
  engine: TrainingEngine,
  steps: number,
  learningRate = LEARNING_RATE,
): Promise<StepReport[]> {
  const reports: StepReport[] = [];
  for (let step = 0; step < steps; step++) reports.push(await engine.step(someBatch(step), learningRate));
  return reports;
}

/**
 * The same steps from the same state, evaluated by tfjs (expected) and compiled (actual). The network is one in which
 * activations keep their size: in another, small differences grow, most of all where an activation is zero and the
 * gradient jumps. Two runs of tfjs with weights apart by one rounding would then differ by 1e-4 as well.
 */
async function bothEngines(spec: TrainingSpec, steps: number, learningRate: number) {
  const state = initialState(spec, 2, settledWeights(spec.backbone));
  const eager = EagerTrainingEngine.start(spec, state);
  const compiled = await OrtTrainingEngine.start(spec, state, ONE_CPU);
  const expected = await reportsOf(eager, steps, learningRate);
  const actual = await reportsOf(compiled, steps, learningRate);
  const states = { before: state, expected: await eager.state(), actual: await compiled.state() };
  await Promise.all([eager.close(), compiled.close()]);
  return { expected, actual, states };
}

function relativeError(actual: number, expected: number): number {
  return Math.abs(actual - expected) / Math.abs(expected);
}

describe('training engines', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
    return useFastCpuGradients();
  });

  it('agree within rounding for twenty steps', async () => {
    // AdaFace also keeps statistics from step to step. The raw term of untrained embeddings would diverge.
    const faceLoss = createFaceLoss('adaface');
    const spec = smallTrainingSpec({ faceLoss, normalisation: 'frozen', symmetry: { compare: 'unit' } });
    const { expected, actual, states } = await bothEngines(spec, STEPS, 1e-3);
    for (const [step, { loss }] of actual.entries()) {
      expect(relativeError(loss, expected[step]!.loss), `loss of step ${step}`).toBeLessThan(1e-5);
    }
    expect(expected[0]!.symmetryLoss).toBeGreaterThan(0);
    expect(updateError(states)).toBeLessThan(1e-3);
    expect(states.actual.lossState['meanNorm']).toBeCloseTo(states.expected.lossState['meanNorm']!, 4);
  });

  it('train what a face loss trains beside the class weights', async () => {
    const faceLoss = createFaceLoss('unitsface', { scale: 8 });
    const spec = smallTrainingSpec({ faceLoss, normalisation: 'frozen', symmetry: { compare: 'unit' } });
    const { expected, actual, states } = await bothEngines(spec, 3, 1e-3);
    const biasOf = ({ weights }: TrainingState): number => weights.get('head/bias')!.values[0]!;
    expect(biasOf(states.before)).toBe(0);
    expect(Math.abs(biasOf(states.expected))).toBeGreaterThan(1e-5);
    expect(relativeError(biasOf(states.actual), biasOf(states.expected))).toBeLessThan(1e-3);
    expect(relativeError(actual[2]!.loss, expected[2]!.loss)).toBeLessThan(1e-5);
    expect(states.actual.lossState['firstBias']).toBeGreaterThan(1);
    expect(backboneWeightsOf(states.actual).has('head/bias')).toBe(false);
  });

  it('agree in a step with live normalisation', async () => {
    // One step: over so few samples, a change of the images by rounding is felt in the second digit after three.
    const { expected, actual, states } = await bothEngines(smallTrainingSpec(), 1, 1e-6);
    for (const figure of ['loss', 'faceLoss', 'symmetryLoss', 'gradientNorm'] as const) {
      expect(relativeError(actual[0]![figure], expected[0]![figure]), figure).toBeLessThan(2e-5);
    }
    expect(updateError(states)).toBeLessThan(1e-3);
  });

  it('agree in a step whose statistics are of full faces alone', async () => {
    const spec = smallTrainingSpec({ symmetry: { statistics: 'full-faces' } });
    const { expected, actual, states } = await bothEngines(spec, 1, 1e-6);
    expect(relativeError(actual[0]!.loss, expected[0]!.loss)).toBeLessThan(2e-5);
    expect(updateError(states)).toBeLessThan(1e-3);
  });

  it.each(['all', 'full-faces'] as const)('let halves change statistics of %s alone', async (statistics) => {
    const faceLoss = createFaceLoss('adaface', { statisticsRate: 0.5 });
    const spec = smallTrainingSpec({ faceLoss, symmetry: { statistics } });
    const statisticsAfter = async (halfPixel: number) => {
      const engine = await OrtTrainingEngine.start(spec, initialState(spec, 1), ONE_CPU);
      const batch = someBatch(0);
      const samplePixels = batch.images.length / spec.batch.batchSize;
      // The only face that is split: its left half, and its right one in the slots behind.
      for (const half of [0, spec.batch.splitSlots])
        batch.images.fill(halfPixel, half * samplePixels, (half + 1) * samplePixels);
      await engine.step(batch, 0);
      const { weights, lossState } = await engine.state();
      await engine.close();
      return { lossState, running: spec.backbone.statistics.map(({ name }) => weights.get(name)!.values) };
    };
    const [one, other] = [await statisticsAfter(-0.5), await statisticsAfter(0.9)];
    if (statistics === 'all') {
      expect(one.running).not.toEqual(other.running);
      expect(one.lossState).not.toEqual(other.lossState);
    } else expect(one).toEqual(other);
  });

  it('go on from a state as if they had not stopped', async () => {
    const spec = smallTrainingSpec();
    const whole = await OrtTrainingEngine.start(spec, initialState(spec, 1), ONE_CPU);
    const reports = await reportsOf(whole, 4);
    const first = await OrtTrainingEngine.start(spec, initialState(spec, 1), ONE_CPU);
    await reportsOf(first, 2);
    const second = await OrtTrainingEngine.start(spec, await first.state(), ONE_CPU);
    for (const step of [2, 3])
      expect(await second.step(someBatch(step), LEARNING_RATE)).toEqual(reports[step]);
    expect(differenceOf(await second.state(), await whole.state())).toBe(0);
    await Promise.all([whole, first, second].map(async (engine) => engine.close()));
  });

  it.each(['eager', 'compiled'] as const)('keep the state where a step is not finite (%s)', async (kind) => {
    const spec = smallTrainingSpec();
    const state = initialState(spec, 1);
    const engine =
      kind === 'eager'
        ? EagerTrainingEngine.start(spec, state)
        : await OrtTrainingEngine.start(spec, state, ONE_CPU);
    const broken = someBatch(0);
    broken.images[5] = Number.NaN;
    await expect(engine.step(broken, LEARNING_RATE)).rejects.toMatchObject({ reason: 'TRAINING_DIVERGED' });
    expect(differenceOf(await engine.state(), state)).toBe(0);
    expect((await engine.step(someBatch(0), LEARNING_RATE)).loss).toBeGreaterThan(0);
    await engine.close();
  });

  it('leaks no tensor in eager steps', async () => {
    const spec = smallTrainingSpec({ faceLoss: createFaceLoss('adaface') });
    const engine = EagerTrainingEngine.start(spec, initialState(spec, 1));
    await reportsOf(engine, 1);
    const before = tf.memory().numTensors;
    await reportsOf(engine, 2);
    expect(tf.memory().numTensors).toBe(before);
    await engine.close();
  });

  it('lower the loss on a batch that they see again and again', async () => {
    const spec = smallTrainingSpec();
    const engine = await OrtTrainingEngine.start(spec, initialState(spec, 1), ONE_CPU);
    const first = await engine.step(someBatch(0), 0.05);
    let last = first;
    for (let step = 0; step < 30; step++) last = await engine.step(someBatch(0), 0.05);
    expect(last.faceLoss).toBeLessThan(first.faceLoss / 2);
    await engine.close();
  });

  it('train without slots for split faces', async () => {
    const spec = smallTrainingSpec({ splitSlots: 0 });
    const engine = await OrtTrainingEngine.start(spec, initialState(spec, 1), ONE_CPU);
    const report = await engine.step(someBatch(0, 0), LEARNING_RATE);
    expect(report.symmetryLoss).toBe(0);
    expect(report.loss).toBe(report.faceLoss);
    await engine.close();
  });
});
