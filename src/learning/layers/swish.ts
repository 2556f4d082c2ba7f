import * as tf from '@tensorflow/tfjs';

import { composite } from './composition.js';
import type { LayerDefinition } from './layer.js';

/** x σ(x) (Ramachandran et al., 2017). */
export const swish: LayerDefinition = (_, input) =>
  composite([], input, (x) => tf.mul<tf.Tensor4D>(x, tf.sigmoid(x)));
