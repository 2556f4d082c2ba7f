import * as tf from '@tensorflow/tfjs';

import type { Initialiser, ParameterSpec } from './layer.js';
import type { WeightLayerDefinition } from './weight-layer.js';

/**
 * A fully connected layer over the flattened feature map (row by row, channels last), with a bias; PyTorch's `Linear`,
 * whose initialisation it shares.
 *
 * @param initialiser of the matrix, in the place of PyTorch's; the bias is 0 then
 */
export function linear(channels: number, initialiser?: Initialiser): WeightLayerDefinition {
  return (name, input) => {
    const features = input.height * input.width * input.channels;
    const byPyTorch: Initialiser = { distribution: 'uniform', limit: 1 / Math.sqrt(features) };
    const zero: Initialiser = { distribution: 'constant', value: 0 };
    const spec = (part: string, shape: readonly number[], drawn: Initialiser): ParameterSpec => ({
      name: `${name}.${part}`,
      shape,
      decayGroup: 'weights',
      initialiser: drawn,
    });
    const weights = spec('weights', [features, channels], initialiser ?? byPyTorch);
    const bias = spec('bias', [channels], initialiser === undefined ? byPyTorch : zero);
    const apply = (x: tf.Tensor4D, matrix: tf.Tensor2D, offset: tf.Tensor1D): tf.Tensor4D => {
      const flat = tf.reshape(x, [x.shape[0], features]); // [B, H * W * C]
      const y = tf.add<tf.Tensor2D>(tf.matMul(flat, matrix), offset); // [B, channels]
      return tf.reshape(y, [x.shape[0], 1, 1, channels]);
    };
    return {
      parameters: [weights, bias],
      statistics: [],
      output: { height: 1, width: 1, channels },
      multiplyAdds: features * channels,
      forward: (x, pass) => apply(x, pass.variable(weights.name), pass.variable(bias.name)),
      forwardScaled: (x, pass, channelFactors) =>
        apply(
          x,
          tf.mul<tf.Tensor2D>(pass.variable(weights.name), channelFactors),
          tf.mul<tf.Tensor1D>(pass.variable(bias.name), channelFactors),
        ),
    };
  };
}
