import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';

import { landmarkPoints, type Landmarks } from '../../core/faces/landmarks.js';
import { decodeCloseUp } from '../../inference/detect/retinaface.js';
import { InferenceSession, Tensor } from '../../onnx/onnx-runtime.js';
import { backboneVariables } from '../weights/backbone-variables.js';
import { initialWeights } from '../weights/initial-weights.js';
import { emptyAnchorTargets, writeAnchorTargets } from './anchor-targets.js';
import { closeUpNetwork } from './close-up-network.js';
import { compileDetectionGraph } from './detection-graph.js';
import { retinaFace } from './retinaface.js';

const SIDE = 128;
const network = closeUpNetwork(SIDE);

/** About the middle of a close-up of 128 pixels. */
const landmarks: Landmarks = {
  leftEye: { x: 51, y: 55 },
  rightEye: { x: 77, y: 54 },
  nose: { x: 65, y: 69 },
  leftMouthCorner: { x: 54, y: 82 },
  rightMouthCorner: { x: 75, y: 83 },
};

function targetsOf(box: { x: number; y: number; width: number; height: number }) {
  const targets = emptyAnchorTargets(1, 1);
  writeAnchorTargets(network.anchors, [{ box, landmarks, ignored: false }], targets, 0);
  return targets;
}

describe('closeUpNetwork', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it('is asked what decodeCloseUp reads: the box and the points of the face in the middle', () => {
    const box = { x: 30, y: 35, width: 60, height: 70 };
    const targets = targetsOf(box);
    expect(targets.classes[0]).toBe(1);
    const [found] = decodeCloseUp(
      [
        { data: targets.boxes, dimensions: [1, 1, 4] },
        { data: Float32Array.of(0.2, 0.8), dimensions: [1, 1, 2] },
        { data: targets.landmarks, dimensions: [1, 1, 10] },
      ],
      network.inputSize,
      0.5,
    );
    expect(found!.probability).toBeCloseTo(0.8, 6);
    for (const key of ['x', 'y', 'width', 'height'] as const)
      expect(found!.box[key]).toBeCloseTo(box[key], 3);
    const points = landmarkPoints(landmarks);
    for (const [index, { x, y }] of landmarkPoints(found!.landmarks).entries()) {
      expect(x).toBeCloseTo(points[index]!.x, 3);
      expect(y).toBeCloseTo(points[index]!.y, 3);
    }
  });

  it('takes a face at the border, or one of another size, for none', () => {
    expect(targetsOf({ x: 0, y: 0, width: 60, height: 70 }).classes[0]).toBe(0);
    expect(targetsOf({ x: 54, y: 54, width: 20, height: 20 }).classes[0]).toBe(0);
  });

  it('serves what it computes, for any number of images', async () => {
    const weights = initialWeights(network, 3);
    const session = await InferenceSession.create(compileDetectionGraph(network, weights));
    const pixels = Float32Array.from({ length: 2 * 3 * SIDE * SIDE }, (_, index) => Math.sin(index * 0.37));
    const results = await session.run({ image: new Tensor('float32', pixels, [2, 3, SIDE, SIDE]) });
    await session.release();
    const images = tf.transpose(tf.tensor4d(pixels, [2, 3, SIDE, SIDE]), [0, 2, 3, 1]);
    const expected = network.forward(images, backboneVariables(network, weights), {
      normalisation: 'frozen',
    });
    expect(results['landmarks']!.dims).toEqual([2, 1, 10]);
    const served = results['landmarks']!.data as Float32Array;
    for (const [index, value] of expected.landmarks.dataSync().entries())
      expect(served[index]).toBeCloseTo(value, 4);
    const classes = results['classes']!.data as Float32Array;
    for (const [image, logit] of expected.logits.dataSync().entries())
      expect(classes[2 * image + 1]).toBeCloseTo(1 / (1 + Math.exp(-logit)), 4);
  });

  it('shares no name with the detector whose weights lie in the same file', () => {
    const others = retinaFace({ width: 64, height: 64 }, { width: 64, stemChannels: 16 });
    const names = new Set([...others.parameters, ...others.statistics].map(({ name }) => name));
    for (const { name } of [...network.parameters, ...network.statistics])
      expect(names.has(name), name).toBe(false);
  });

  it('refuses sides that its strides do not divide', () => {
    expect(() => closeUpNetwork(100)).toThrow(RangeError);
  });
});
