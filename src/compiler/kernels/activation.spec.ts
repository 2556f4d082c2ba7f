import * as tf from '@tensorflow/tfjs';
import fc from 'fast-check';
import { describe, it } from 'vitest';

import {
  anyOperand,
  expectSameAsEager,
  operandOf,
  shapeOf,
} from '../../../test/compiler/eager-comparison.js';

const ACTIVATIONS: readonly [string, (x: tf.Tensor) => tf.Tensor][] = [
  ['Relu', tf.relu],
  ['Relu6', (x) => tf.relu6(tf.mul(x, 4))],
  ['Elu', tf.elu],
  ['Selu', tf.selu],
  ['Sigmoid', tf.sigmoid],
  ['Tanh', tf.tanh],
  ['Softplus', tf.softplus],
  ['LeakyRelu', (x) => tf.leakyRelu(x, 0.3)],
  ['ClipByValue', (x) => tf.clipByValue(x, -0.5, 1.25)],
  ['Step', (x) => tf.step(x, 0.25)],
];

describe('activation kernels', () => {
  it.each(ACTIVATIONS)('%s computes what tfjs does', async (_, run) => {
    await fc.assert(
      fc.asyncProperty(anyOperand(), async (x) => {
        await expectSameAsEager([x], run);
      }),
      { numRuns: 10 },
    );
  });

  it.each([
    ['Softmax', tf.softmax],
    ['LogSoftmax', tf.logSoftmax],
  ] as const)('%s along the last axis computes what tfjs does', async (_, run) => {
    await fc.assert(
      fc.asyncProperty(anyOperand({ minRank: 1 }), async (x) => {
        await expectSameAsEager([x], (logits) => run(logits));
      }),
      { numRuns: 10 },
    );
  });

  it('Prelu with slopes of any broadcastable shape computes what tfjs does', async () => {
    const operands = shapeOf(1, 4).chain((shape) =>
      fc
        .nat({ max: shape.length - 1 })
        .chain((dropped) => fc.tuple(operandOf(shape), operandOf(shape.slice(dropped)))),
    );
    await fc.assert(
      fc.asyncProperty(operands, async ([x, slopes]) => {
        await expectSameAsEager([x, slopes], (input, alpha) => tf.prelu(input, alpha));
      }),
      { numRuns: 15 },
    );
  });
});
