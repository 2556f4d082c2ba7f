import * as tf from '@tensorflow/tfjs';

import { composite } from './composition.js';
import type { LayerDefinition } from './layer.js';

/** Interleaves the channels' two halves: 1 2 3 | 4 5 6 becomes 1 4 2 5 3 6 (ShuffleNet, Zhang et al., 2018). */
export const channelShuffle: LayerDefinition = (_, input) =>
  composite([], input, (x) => {
    const [batch, height, width, channels] = x.shape;
    const halves = tf.reshape(x, [batch, height, width, 2, channels / 2]);
    return tf.reshape(tf.transpose(halves, [0, 1, 2, 4, 3]), x.shape);
  });
