import * as tf from '@tensorflow/tfjs';

import { composite } from './composition.js';
import type { LayerDefinition } from './layer.js';

/**
 * Keeps the first of every two rows and columns: PyTorch's `MaxPool2d(1, 2)`.
 *
 * @throws RangeError for a feature map of odd extents
 */
export const subsample: LayerDefinition = (name, input) => {
  const { height, width, channels } = input;
  if (height % 2 !== 0 || width % 2 !== 0) throw new RangeError(`${name}: ${height}x${width} has no halves`);
  const output = { height: height / 2, width: width / 2, channels };
  return composite([], output, (x) => {
    const [batch] = x.shape;
    // Cut off, not picked by strides: tfjs has no gradient for those.
    const rows = tf.reshape(x, [batch, output.height, 2, width, channels]);
    const kept = tf.slice(rows, [0, 0, 0, 0, 0], [batch, output.height, 1, width, channels]);
    const columns = tf.reshape(kept, [batch, output.height, output.width, 2, channels]);
    const first = tf.slice(columns, [0, 0, 0, 0, 0], [batch, output.height, output.width, 1, channels]);
    return tf.reshape(first, [batch, output.height, output.width, channels]);
  });
};
