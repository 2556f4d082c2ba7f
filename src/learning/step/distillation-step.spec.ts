import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';

import { settledWeights } from '../../../test/support/backbone-inputs.js';
import { useFastCpuGradients } from '../../../test/support/fast-cpu-gradients.js';
import { smallTrainingSpec, someBatch } from '../../../test/support/small-training-spec.js';
import { differenceOf, type EngineKind, startEngine } from '../../../test/support/training-engines.js';
import type { TrainingBatch } from '../sampler/training-batch.js';
import { createFaceLoss } from '../losses/face-losses.js';
import { initialState } from './initial-state.js';
import { HEAD, type TrainingSpec } from './training-spec.js';
import { withTargets } from './teacher-targets.js';
import { trainingStep } from './training-step.js';
import type { StepReport, TrainingState } from './training-engine.js';

const weight = 3;
const dimension = 8;
const faces = Uint32Array.of(0, 1, 0, 2, 3, 4, 5, 6);

/** A direction of its own for each face. */
const embeddings = Float32Array.from({ length: 8 * dimension }, (_, index) =>
  index % (dimension + 1) === 0 ? 1 : 0,
);

const distilled = (step: number): TrainingBatch =>
  withTargets(someBatch(step), faces, { dimension, embeddings });

function withoutFaceLoss(spec: TrainingSpec): TrainingSpec {
  const { faceLoss, ...others } = spec;
  expect(faceLoss).toBeDefined();
  return others;
}

const plain = smallTrainingSpec({
  faceLoss: createFaceLoss('arcface', { scale: 16 }),
  normalisation: 'frozen',
  symmetry: { compare: 'unit' },
});
const together: TrainingSpec = { ...plain, distillation: { weight } };
const alone = withoutFaceLoss(together);

async function stepped(
  kind: EngineKind,
  spec: TrainingSpec,
  state: TrainingState,
  steps: number,
  rate = 1e-3,
) {
  const engine = await startEngine(kind, spec, state);
  const reports: StepReport[] = [];
  // The same faces in each step, so that they are learnt.
  for (let step = 0; step < steps; step++) reports.push(await engine.step(distilled(0), rate));
  const after = await engine.state();
  await engine.close();
  return { reports, after };
}

describe('a training step with a teacher', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
    return useFastCpuGradients();
  });

  it('adds the term by its weight to what is trained on beside it', async () => {
    const state = initialState(together, 1, settledWeights(together.backbone));
    const [report] = (await stepped('eager', together, state, 1)).reports;
    const [without] = (await stepped('eager', plain, state, 1)).reports;
    expect(without).not.toHaveProperty('distillationLoss');
    expect(report!.faceLoss).toBe(without!.faceLoss);
    expect(report!.symmetryLoss).toBe(without!.symmetryLoss);
    expect(report!.loss).toBeCloseTo(without!.loss + weight * report!.distillationLoss!, 4);
  });

  it('has no head and no labels without a face loss', () => {
    const state = initialState(alone, 1);
    expect(state.weights.has(HEAD)).toBe(false);
    expect(state.velocities.has(HEAD)).toBe(false);
    const names = trainingStep(alone).inputs.map(({ name }) => name);
    expect(names).not.toContain('labels');
    expect(names).not.toContain(HEAD);
  });

  it.each([
    ['with a face loss', together],
    ['without', alone],
  ])('is the same in both engines, %s', async (_, spec) => {
    const state = initialState(spec, 1, settledWeights(spec.backbone));
    const [expected, actual] = [
      await stepped('eager', spec, state, 3),
      await stepped('compiled', spec, state, 3),
    ];
    for (const [step, report] of actual.reports.entries()) {
      for (const figure of ['loss', 'faceLoss', 'symmetryLoss', 'distillationLoss'] as const) {
        const [value, wanted] = [report[figure]!, expected.reports[step]![figure]!];
        expect(Math.abs(value - wanted), `${figure} of step ${step}`).toBeLessThan(
          1e-5 * Math.max(wanted, 1),
        );
      }
    }
    expect(differenceOf(actual.after, expected.after)).toBeLessThan(1e-2);
  });

  it('brings embeddings to the targets with the term alone', async () => {
    const spec: TrainingSpec = { ...alone, normalisation: 'live', symmetry: { symmetryWeight: 0 } };
    const { reports } = await stepped('compiled', spec, initialState(spec, 1), 40, 0.05);
    expect(reports[0]!.faceLoss).toBe(0);
    expect(reports[0]!.distillationLoss).toBeGreaterThan(0.7);
    expect(reports.at(-1)!.distillationLoss).toBeLessThan(0.3);
  });

  it('is refused with neither a face loss nor a teacher', () => {
    expect(() => trainingStep(withoutFaceLoss(plain))).toThrow('there must be a teacher');
    expect(() => trainingStep({ ...alone, distillation: { weight: 0 } })).toThrow('distillation.weight');
  });
});
