import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { smallTrainingSpec, someBatch } from '../../../test/support/small-training-spec.js';
import { compileToOnnx } from '../../compiler/index.js';
import { readOnnx } from '../../onnx/read-onnx.js';
import { EagerTrainingEngine } from '../engines/eager-training-engine.js';
import { OrtTrainingEngine } from '../engines/ort-training-engine.js';
import { gradientStep } from './gradient-step.js';
import { initialState } from './initial-state.js';
import type { TrainingEngine, TrainingState } from './training-engine.js';
import { trainedParametersOf, type TrainingSpec } from './training-spec.js';

beforeAll(async () => {
  await tf.setBackend('cpu');
});
afterAll(() => {
  tf.disposeVariables();
});

const whole: TrainingSpec = smallTrainingSpec({ normalisation: 'frozen', accumulateSteps: 2 });

async function trained(engine: TrainingEngine): Promise<TrainingState> {
  try {
    for (let step = 0; step < 4; step++)
      await engine.step(someBatch(step), 0.05, { batchCount: 2, isLast: step % 2 === 1 });
    return await engine.state();
  } finally {
    await engine.close();
  }
}

describe.each([
  [
    'ort',
    async (spec: TrainingSpec, state: TrainingState) =>
      OrtTrainingEngine.start(spec, state, { provider: 'cpu', threads: 1 }),
  ],
  [
    'tfjs',
    async (spec: TrainingSpec, state: TrainingState) =>
      Promise.resolve(EagerTrainingEngine.start(spec, state)),
  ],
] as const)('layers that are frozen, by %s', (_, start) => {
  it.each([0, 0.4])(
    'stay as they are to the bit, with their norms, and the others move (%s)',
    async (trainedLayers) => {
      const spec = { ...whole, trainedLayers };
      const before = initialState(spec, 1);
      const after = await trained(await start(spec, before));
      const moving = new Set(trainedParametersOf(spec).map(({ name }) => name));
      expect(moving.size).toBeLessThan(spec.backbone.parameters.length);
      for (const [name, { values }] of before.weights) {
        const now = after.weights.get(name)?.values;
        if (moving.has(name)) expect(now, name).not.toEqual(values);
        else expect(now, name).toEqual(values);
      }
      for (const [name, { values }] of after.velocities)
        expect(
          values.some((value) => value !== 0),
          name,
        ).toBe(moving.has(name));
    },
  );

  it('goes on with more layers from the state that is left', async () => {
    const head = await trained(await start({ ...whole, trainedLayers: 0 }, initialState(whole, 1)));
    const all = await trained(await start(whole, head));
    const [first] = whole.backbone.parameters;
    expect(all.weights.get(first?.name ?? '')?.values).not.toEqual(
      head.weights.get(first?.name ?? '')?.values,
    );
  });
});

describe('the compiled step', () => {
  it('computes no gradient of what is frozen', () => {
    const nodes = (trainedLayers: number): number => {
      const { outputs, ...definition } = gradientStep({ ...whole, trainedLayers });
      return readOnnx(
        compileToOnnx({ ...definition, name: 'step', outputs: outputs.map((name) => `next/${name}`) }),
      ).graph.nodes.length;
    };
    const [head, half, all] = [nodes(0), nodes(0.5), nodes(1)];
    expect(head).toBeLessThan(half);
    expect(half).toBeLessThan(0.85 * all);
  });
});

it('refuses what cannot be frozen, and says what to do', () => {
  expect(() => gradientStep(smallTrainingSpec({ normalisation: 'live' }))).not.toThrow();
  expect(() => gradientStep({ ...smallTrainingSpec({ normalisation: 'live' }), trainedLayers: 0.5 })).toThrow(
    /backbone\.normalisation: frozen/u,
  );
  const taught = { ...whole, faceLoss: undefined, distillation: { weight: 1 }, trainedLayers: 0 };
  expect(() => gradientStep(taught as unknown as TrainingSpec)).toThrow(/no head/u);
});
