import * as tf from '@tensorflow/tfjs';

import { globalAverage } from '../operations/global-average.js';
import { composite, sequence } from './composition.js';
import { convolution } from './convolution.js';
import type { LayerDefinition } from './layer.js';
import { prelu } from './prelu.js';

export interface SqueezeExcitationOptions {
  /** After the hidden layer. Default: PReLU. */
  readonly activation?: LayerDefinition;
  /** What makes the weights of channels of what the network finds. Default: the sigmoid. */
  readonly gate?: (x: tf.Tensor4D) => tf.Tensor4D;
}

/**
 * Weighs each channel by a number in (0, 1) found from all channels' averages (Hu et al., 2018).
 *
 * @param hidden the width of the hidden layer, from the number of channels
 */
export function squeezeExcitation(
  hidden: (channels: number) => number,
  { activation = prelu, gate = tf.sigmoid }: SqueezeExcitationOptions = {},
): LayerDefinition {
  return (name, input) => {
    const excitation = sequence({
      squeeze: convolution({ channels: hidden(input.channels), kernel: 1, hasBias: true }),
      activation,
      excite: convolution({ channels: input.channels, kernel: 1, hasBias: true }),
    })(name, { height: 1, width: 1, channels: input.channels });
    return composite([excitation], input, (x, pass) => {
      const averages = globalAverage(x); // [B, 1, 1, C]
      return tf.mul<tf.Tensor4D>(x, gate(excitation.forward(averages, pass)));
    });
  };
}
