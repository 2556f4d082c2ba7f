import * as tf from '@tensorflow/tfjs';

import { globalAverage } from '../operations/global-average.js';
import { composite, sequence } from './composition.js';
import { convolution } from './convolution.js';
import type { LayerDefinition } from './layer.js';
import { prelu } from './prelu.js';

/**
 * Weighs each channel by a number in (0, 1) found from all channels' averages (Hu et al., 2018).
 *
 * @param reduction how many times narrower the hidden layer is
 */
export function squeezeExcitation(reduction: number): LayerDefinition {
  return (name, input) => {
    const excitation = sequence({
      squeeze: convolution({ channels: Math.floor(input.channels / reduction), kernel: 1, hasBias: true }),
      activation: prelu,
      excite: convolution({ channels: input.channels, kernel: 1, hasBias: true }),
    })(name, { height: 1, width: 1, channels: input.channels });
    return composite([excitation], input, (x, pass) => {
      const averages = globalAverage(x); // [B, 1, 1, C]
      return tf.mul<tf.Tensor4D>(x, tf.sigmoid(excitation.forward(averages, pass)));
    });
  };
}
