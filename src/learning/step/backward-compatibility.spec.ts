import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';

import { settledWeights } from '../../../test/support/backbone-inputs.js';
import { useFastCpuGradients } from '../../../test/support/fast-cpu-gradients.js';
import { smallLearner, someBatch } from '../../../test/support/small-learner.js';
import { differenceOf, type EngineKind, startEngine } from '../../../test/support/training-engines.js';
import { createFaceLoss, type FaceLossName } from '../losses/face-losses.js';
import { initialState } from './initial-state.js';
import { backboneWeightsOf, HEAD, type Learner, PARENT_CLASSES } from './learner.js';
import type { StepReport, TrainingState } from './training-engine.js';

const rate = 1e-3;
const weight = 0.75;
const plain = { weights: 0, 'last-layer': 0, normalisation: 0, slopes: 0 };

/** Without momentum and decay, so that a step is the gradient; with them, so that fixed classes show that they are. */
function learnerOf(name: FaceLossName, hasDescentOnly: boolean, hasTerm = true): Learner {
  const learner = smallLearner({
    faceLoss: createFaceLoss(name, { scale: 16 }),
    normalisation: 'frozen',
    symmetry: { symmetryWeight: 0, compare: 'unit' },
    ...(hasDescentOnly ? { descent: { momentum: 0, weightDecay: plain } } : {}),
  });
  return hasTerm ? { ...learner, backwardCompatibility: { weight } } : learner;
}

/** A head unlike the fixed classes, as it is after some steps. */
function stateOf(learner: Learner): TrainingState {
  const state = initialState(learner, 2, settledWeights(learner.backbone));
  const head = state.weights.get(HEAD)!;
  const values = head.values.map((_, index) => Math.cos(index * 1.7));
  return { ...state, weights: new Map(state.weights).set(HEAD, { ...head, values }) };
}

async function stepped(kind: EngineKind, learner: Learner, state: TrainingState, steps = 1) {
  const engine = await startEngine(kind, learner, state);
  const reports: StepReport[] = [];
  for (let step = 0; step < steps; step++) reports.push(await engine.step(someBatch(step), rate));
  const after = await engine.state();
  await engine.close();
  return { reports, after };
}

/** How far each weight went, one after the other. */
function moved(before: TrainingState, after: TrainingState, names: Iterable<string>): number[] {
  return [...names].flatMap((name) => {
    const [from, to] = [before.weights.get(name)!.values, after.weights.get(name)!.values];
    return Array.from(to, (value, index) => value - from[index]!);
  });
}

function relativeDistance(actual: readonly number[], expected: readonly number[]): number {
  const length = (values: readonly number[]): number =>
    Math.sqrt(values.reduce((sum, value) => sum + value * value, 0));
  return length(actual.map((value, index) => value - expected[index]!)) / length(expected);
}

describe('training with backward compatibility', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
    useFastCpuGradients();
  });

  it('descends the face loss and, by its weight, the same loss against the fixed classes', async () => {
    const learner = learnerOf('arcface', true);
    const before = stateOf(learner);
    const withTerm = await stepped('eager', learner, before);
    const alone = learnerOf('arcface', true, false);
    const onHead = await stepped('eager', alone, before);
    const fixed = before.weights.get(PARENT_CLASSES)!;
    const onFixed = await stepped('eager', alone, {
      ...before,
      weights: new Map(before.weights).set(HEAD, fixed),
    });

    const [report] = withTerm.reports;
    expect(onHead.reports[0]).not.toHaveProperty('backwardCompatibilityLoss');
    expect(report?.faceLoss).toBe(onHead.reports[0]?.faceLoss);
    expect(report?.backwardCompatibilityLoss).toBeCloseTo(onFixed.reports[0]!.faceLoss, 5);
    expect(report?.loss).toBeCloseTo(report!.faceLoss + weight * report!.backwardCompatibilityLoss!, 5);
    const names = [...backboneWeightsOf(before).keys()];
    const byFixed = moved(before, onFixed.after, names);
    const expected = moved(before, onHead.after, names).map((step, index) => step + weight * byFixed[index]!);
    // Differences of 32-bit weights after a small step.
    expect(relativeDistance(moved(before, withTerm.after, names), expected)).toBeLessThan(1e-3);
    // The head is trained as without the term.
    expect(withTerm.after.weights.get(HEAD)).toEqual(onHead.after.weights.get(HEAD));
  });

  it.each(['eager', 'compiled'] as const)('keeps the fixed classes as they were (%s)', async (kind) => {
    const learner = learnerOf('arcface', false);
    const before = stateOf(learner);
    const { after } = await stepped(kind, learner, before, 2);
    expect(after.weights.get(PARENT_CLASSES)).toEqual(before.weights.get(PARENT_CLASSES));
    expect(after.velocities.has(PARENT_CLASSES)).toBe(false);
    expect(after.weights.get(HEAD)).not.toEqual(before.weights.get(HEAD));
    expect(backboneWeightsOf(after).has(PARENT_CLASSES)).toBe(false);
  });

  it('is the same in both engines', async () => {
    // AdaFace also has a state, which is the other loss's.
    const learner = learnerOf('adaface', false);
    const before = stateOf(learner);
    const [expected, actual] = [
      await stepped('eager', learner, before, 3),
      await stepped('compiled', learner, before, 3),
    ];
    for (const [step, report] of actual.reports.entries()) {
      for (const figure of ['loss', 'faceLoss', 'backwardCompatibilityLoss'] as const) {
        const [value, wanted] = [report[figure]!, expected.reports[step]![figure]!];
        expect(Math.abs(value - wanted) / wanted, `${figure} of step ${step}`).toBeLessThan(1e-5);
      }
    }
    const names = [...before.weights.keys()];
    const error = relativeDistance(moved(before, actual.after, names), moved(before, expected.after, names));
    expect(error).toBeLessThan(1e-3);
  });

  it('goes on from a state as if it had not stopped', async () => {
    const learner = learnerOf('arcface', false);
    const whole = await stepped('compiled', learner, stateOf(learner), 2);
    const first = await stepped('compiled', learner, stateOf(learner), 1);
    const engine = await startEngine('compiled', learner, first.after);
    expect(await engine.step(someBatch(1), rate)).toEqual(whole.reports[1]);
    expect(differenceOf(await engine.state(), whole.after)).toBe(0);
    await engine.close();
  });
});
