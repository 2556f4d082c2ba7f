import * as tf from '@tensorflow/tfjs';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';

import { retinaFaceAnchors } from '../../core/faces/retinaface-anchors.js';
import { Tensor } from '../../onnx/onnx-runtime.js';
import { CompiledGradients } from '../engines/compiled-gradients.js';
import { gradientName } from '../step/step-definition.js';
import { emptyAnchorTargets, writeAnchorTargets } from './anchor-targets.js';
import {
  averagedWeights,
  DetectorEngine,
  type DetectorBatch,
  type DetectorTrainingSpec,
  initialDetectorState,
} from './detector-engine.js';
import { arraysOfDetectorBatch, detectorGradients } from './detector-gradients.js';
import { retinaFace } from './retinaface.js';

const SIDE = 64;
const BATCH_SIZE = 2;
const spec: DetectorTrainingSpec = {
  network: retinaFace({ width: SIDE, height: SIDE }, { width: 16, stemChannels: 8 }),
  batchSize: BATCH_SIZE,
  lossWeights: { box: 1, landmarks: 0.5 },
  weightDecay: 0.01,
  gradientClipNorm: 10,
  averageDecay: 0.9,
};
const engineOptions = { provider: 'cpu', threads: 1 } as const;

/** A bright disc with points of its own on a darker ground in each image. */
function discs(): DetectorBatch {
  const anchors = retinaFaceAnchors(SIDE, SIDE);
  const images = new Float32Array(BATCH_SIZE * SIDE * SIDE * 3);
  const targets = emptyAnchorTargets(BATCH_SIZE, anchors.length);
  for (let image = 0; image < BATCH_SIZE; image++) {
    const [x, y, radius] = [22 + 18 * image, 36 - 10 * image, 11 + 3 * image];
    for (let index = 0; index < SIDE * SIDE; index++) {
      const isInside = Math.hypot((index % SIDE) + 0.5 - x, Math.floor(index / SIDE) + 0.5 - y) < radius;
      images.fill(
        isInside ? 0.8 : -0.4,
        (image * SIDE * SIDE + index) * 3,
        (image * SIDE * SIDE + index + 1) * 3,
      );
    }
    const at = (dx: number, dy: number) => ({ x: x + dx * radius, y: y + dy * radius });
    const landmarks = {
      leftEye: at(-0.4, -0.3),
      rightEye: at(0.4, -0.3),
      nose: at(0, 0),
      leftMouthCorner: at(-0.3, 0.5),
      rightMouthCorner: at(0.3, 0.5),
    };
    const box = { x: x - radius, y: y - radius, width: 2 * radius, height: 2 * radius };
    writeAnchorTargets(anchors, [{ box, landmarks, ignored: false }], targets, image);
  }
  return { images, targets };
}

describe('DetectorEngine', () => {
  let engine: DetectorEngine | undefined;

  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  afterEach(async () => {
    await engine?.close();
    engine = undefined;
  });

  it('learns two images by heart', async () => {
    engine = await DetectorEngine.start(spec, initialDetectorState(spec, 1), engineOptions);
    const batch = discs();
    const first = await engine.step(batch, 3e-3);
    let last = first;
    for (let step = 0; step < 60; step++) last = await engine.step(batch, 3e-3);
    expect(last.classLoss).toBeLessThan(0.2 * first.classLoss);
    expect(last.landmarkLoss).toBeLessThan(0.2 * first.landmarkLoss);
    expect(last.boxLoss).toBeLessThan(0.3 * first.boxLoss);
  });

  it('goes on from a state as if it had not stopped, and averages the weights', async () => {
    const batch = discs();
    engine = await DetectorEngine.start(spec, initialDetectorState(spec, 1), engineOptions);
    await engine.step(batch, 1e-3);
    const midway = engine.state();
    const second = await engine.step(batch, 1e-3);
    const expected = engine.state();
    await engine.close();
    engine = await DetectorEngine.start(spec, midway, engineOptions);
    expect(await engine.step(batch, 1e-3)).toEqual(second);
    const name = 'merge1.convolution.filter';
    expect(engine.state().weights.get(name)!.values).toEqual(expected.weights.get(name)!.values);
    const [before, after, mean] = [midway.weights, expected.weights, averagedWeights(expected)].map(
      (weights) => weights.get(name)!.values[0]!,
    ) as [number, number, number];
    const oldMean = averagedWeights(midway).get(name)!.values[0]!;
    expect(before).not.toBe(after);
    // The second step keeps (1 + 2) / (10 + 2) of the mean.
    expect(mean).toBeCloseTo(0.25 * oldMean + 0.75 * after, 6);
  });

  it('keeps its state where a step is not finite', async () => {
    engine = await DetectorEngine.start(spec, initialDetectorState(spec, 1), engineOptions);
    const { images, targets } = discs();
    await expect(engine.step({ images: images.map(() => Number.NaN), targets }, 1e-3)).rejects.toMatchObject({
      reason: 'TRAINING_DIVERGED',
    });
    expect(engine.state().lossState).toEqual({ steps: 0 });
  });

  it('compiles the gradients that finite differences of the compiled loss give', async () => {
    const definition = detectorGradients(spec);
    const gradients = await CompiledGradients.compile('gradients', definition, engineOptions);
    const { weights } = initialDetectorState(spec, 5);
    // Heads begin so small that the loss hardly depends on what is before them.
    for (const [name, { values }] of weights)
      if (/^(?:classes|boxes|landmarks)\d\.filter$/u.test(name))
        values.set(values.map((value) => 30 * value));
    const batch = discs();
    const run = async (change?: { name: string; index: number; by: number }) => {
      const tensors = [...spec.network.parameters, ...spec.network.statistics].map(({ name, shape }) => {
        const values = weights.get(name)!.values.slice();
        if (change?.name === name) values[change.index]! += change.by;
        return [name, new Tensor('float32', values, shape)] as const;
      });
      return gradients.run(Object.fromEntries(tensors), arraysOfDetectorBatch(batch));
    };
    const results = await run();
    const step = 1e-2;
    for (const name of [
      'merge1.convolution.filter',
      'landmarks1.bias',
      'context1.windows.three.norm.scale',
    ]) {
      const gradient = results(gradientName(name));
      // The largest is the one that rounding hides least.
      const index = gradient.reduce(
        (best, value, at) => (Math.abs(value) > Math.abs(gradient[best]!) ? at : best),
        0,
      );
      const [above, below] = [await run({ name, index, by: step }), await run({ name, index, by: -step })];
      const difference = (above('loss')[0]! - below('loss')[0]!) / (2 * step);
      expect(gradient[index]! / difference).toBeCloseTo(1, 1);
    }
    await gradients.release();
  });
});
