import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';

import { type AnchorTargets, focalLoss, multiBoxLoss } from './multi-box-loss.js';

/** One image, three anchors: a face with landmarks, background, one that takes no part. */
const CLASSES = [1, 0, -1];
const LOGITS = [0.4, -1.2, 3];
const BETA = 1 / 9;

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

function targets(classes = CLASSES, mask = [1, 0, 0]): AnchorTargets {
  return {
    classes: tf.tensor2d(classes, [1, 3]),
    boxes: tf.zeros([1, 3, 4]),
    landmarks: tf.zeros([1, 3, 10]),
    landmarkMask: tf.tensor2d(mask, [1, 3]),
  };
}

function output(logits: readonly number[], box: readonly number[], points: readonly number[]) {
  return {
    logits: tf.tensor2d([...logits], [1, 3]),
    boxes: tf.tensor3d([...box, 9, 9, 9, 9, 9, 9, 9, 9], [1, 3, 4]),
    landmarks: tf.tensor3d([...points, ...new Array<number>(20).fill(9)], [1, 3, 10]),
  };
}

describe('multiBoxLoss', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
  });

  it('weighs classes by -α (1 - p)² ln p, and those that take no part by nothing', () => {
    const values = focalLoss(tf.tensor2d(LOGITS, [1, 3]), tf.tensor2d(CLASSES, [1, 3])).dataSync();
    const [face, background] = [sigmoid(0.4), 1 - sigmoid(-1.2)];
    expect(values[0]).toBeCloseTo(-0.25 * (1 - face) ** 2 * Math.log(face), 6);
    expect(values[1]).toBeCloseTo(-0.75 * (1 - background) ** 2 * Math.log(background), 6);
    expect(values[2]).toBe(0);
  });

  it('is finite for logits of any size', () => {
    const values = focalLoss(tf.tensor2d([[200, -200, 200]]), tf.tensor2d([[1, 1, 0]])).dataSync();
    expect(values[0]).toBeCloseTo(0, 6);
    expect(values[1]).toBeCloseTo(0.25 * 200, 3);
    expect(values[2]).toBeCloseTo(0.75 * 200, 3);
  });

  it('adds smooth L1 of boxes and landmarks over faces alone, by hand', () => {
    const points = [0.05, ...new Array<number>(9).fill(0)];
    const result = multiBoxLoss(output(LOGITS, [0.05, -0.5, 0, 2], points), targets(), {
      box: 2,
      landmarks: 0.5,
    });
    const [classes, box, landmarks] = [result.classLoss, result.boxLoss, result.landmarkLoss].map(
      (term) => term.dataSync()[0]!,
    ) as [number, number, number];
    expect(box).toBeCloseTo(0.05 ** 2 / (2 * BETA) + (0.5 - BETA / 2) + (2 - BETA / 2), 5);
    expect(landmarks).toBeCloseTo(0.05 ** 2 / (2 * BETA), 6);
    expect(result.loss.dataSync()[0]).toBeCloseTo(classes + 2 * box + 0.5 * landmarks, 5);
  });

  it('divides by the number of faces, and by one where there is none', () => {
    const zeros = new Array<number>(10).fill(0);
    const one = multiBoxLoss(output([2, 2, 2], [0, 0, 0, 0], zeros), targets([1, -1, -1]), {
      box: 1,
      landmarks: 1,
    });
    const two = multiBoxLoss(output([2, 2, 2], [0, 0, 0, 0], zeros), targets([1, 1, -1]), {
      box: 1,
      landmarks: 1,
    });
    expect(two.classLoss.dataSync()[0]).toBeCloseTo(one.classLoss.dataSync()[0]!, 6);
    const none = multiBoxLoss(output([2, 2, 2], [7, 7, 7, 7], zeros), targets([0, 0, 0], [0, 0, 0]), {
      box: 1,
      landmarks: 1,
    });
    expect(none.boxLoss.dataSync()[0]).toBe(0);
    expect(none.loss.dataSync()[0]).toBeCloseTo(3 * 0.75 * sigmoid(2) ** 2 * Math.log(1 + Math.exp(2)), 4);
  });

  it('has the gradient that finite differences give', () => {
    const points = [0.05, -0.3, 0.02, 0.5, -0.01, 0.2, 0.3, -0.6, 0.03, 0.08];
    const box = [0.05, -0.5, 0.03, 2];
    const flat = [...LOGITS, ...box, ...points];
    const lossOf = (values: tf.Tensor): tf.Scalar => {
      const part = (start: number, count: number) => tf.slice(values, [start], [count]);
      const rest = (count: number) => tf.zeros([2 * count]);
      return multiBoxLoss(
        {
          logits: tf.reshape(part(0, 3), [1, 3]),
          boxes: tf.reshape(tf.concat([part(3, 4), rest(4)]), [1, 3, 4]),
          landmarks: tf.reshape(tf.concat([part(7, 10), rest(10)]), [1, 3, 10]),
        },
        targets(),
        { box: 2, landmarks: 0.5 },
      ).loss;
    };
    const gradient = tf.grad(lossOf)(tf.tensor1d(flat)).dataSync();
    const step = 1e-2;
    for (const [index, actual] of gradient.entries()) {
      const at = (change: number) =>
        lossOf(
          tf.tensor1d(flat.map((value, place) => (place === index ? value + change : value))),
        ).dataSync()[0]!;
      expect(actual).toBeCloseTo((at(step) - at(-step)) / (2 * step), 2);
    }
  });
});
