import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';

import { isFullSuite } from '../../../test/support/full-suite.js';
import { useFastCpuGradients } from '../../../test/support/fast-cpu-gradients.js';
import { smallBackbone, smallTrainingSpec, someBatch } from '../../../test/support/small-training-spec.js';
import { startEngine } from '../../../test/support/training-engines.js';
import { compileToOnnx } from '../../compiler/index.js';
import { readOnnx } from '../../onnx/read-onnx.js';
import { backboneArchitecture } from '../backbones/catalogue.js';
import { gradientStep } from './gradient-step.js';
import { initialState } from './initial-state.js';
import type { TrainingSpec } from './training-spec.js';

const designs = ['mobilefacenet', 'ir-18', 'shufflefacenet-x1.5'] as const;
const modes = ['live', 'frozen'] as const;
const allCases = designs.flatMap((design) => modes.map((normalisation) => ({ design, normalisation })));
/** Each compiles two steps, which takes some seconds. */
const cases = isFullSuite
  ? allCases
  : ([
      { design: 'mobilefacenet', normalisation: 'live' },
      { design: 'ir-18', normalisation: 'frozen' },
    ] as const);

function specOf(design: string, normalisation: TrainingSpec['normalisation']): TrainingSpec {
  const backbone = smallBackbone(backboneArchitecture(design));
  return { ...smallTrainingSpec({ normalisation, sgd: { gradientClipNorm: 1 } }), backbone };
}

const operatorsOf = (spec: TrainingSpec) =>
  readOnnx(
    compileToOnnx({
      name: 'step',
      ...gradientStep(spec),
      outputs: gradientStep(spec).outputs.map((name) => `next/${name}`),
    }),
  ).graph.nodes.map(({ operator }) => operator);

describe('blocks that are recomputed on the way back', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
    return useFastCpuGradients();
  });

  it.each(cases)('of $design ($normalisation norms) train as those that are kept', async (each) => {
    const spec = specOf(each.design, each.normalisation);
    const state = initialState(spec, 1);
    const kept = await startEngine('compiled', spec, state);
    const recomputing = await startEngine('compiled', { ...spec, recompute: true }, state);
    for (const step of [0, 1, 2]) {
      const report = await kept.step(someBatch(step), 0.02);
      const other = await recomputing.step(someBatch(step), 0.02);
      expect(other.loss).toBeCloseTo(report.loss, 5);
      expect(other.gradientNorm / report.gradientNorm).toBeCloseTo(1, 5);
    }
    const [expected, actual] = [await kept.state(), await recomputing.state()];
    for (const [name, { values }] of expected.weights) {
      const others = actual.weights.get(name)?.values ?? new Float32Array();
      const largest = values.reduce((most, value) => Math.max(most, Math.abs(value)), 1e-3);
      const difference = values.reduce(
        (most, value, index) => Math.max(most, Math.abs(value - (others[index] ?? Number.NaN))),
        0,
      );
      expect(difference / largest, name).toBeLessThan(1e-4);
    }
    await kept.close();
    await recomputing.close();
  });

  it('are in the graph twice, so that nothing of them has to be kept', () => {
    const spec = specOf('ir-18', 'live');
    const count = (operators: readonly string[], operator: string) =>
      operators.filter((each) => each === operator).length;
    const [kept, twice] = [operatorsOf(spec), operatorsOf({ ...spec, recompute: true })];
    // Eight units, each with an activation in the middle.
    expect(count(twice, 'PRelu')).toBe(count(kept, 'PRelu') + 8);
  });

  it('are refused where a network has none', () => {
    const { hasBlocks, ...backbone } = specOf('ir-18', 'live').backbone;
    expect(hasBlocks).toBe(true);
    const spec: TrainingSpec = { ...specOf('ir-18', 'live'), backbone, recompute: true };
    expect(() => gradientStep(spec)).toThrow('recompute: ir-18 is not made of blocks');
  });
});
