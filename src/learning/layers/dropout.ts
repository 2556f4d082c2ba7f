import * as tf from '@tensorflow/tfjs';

import { composite } from './composition.js';
import type { LayerDefinition } from './layer.js';

/** Multiplies by the pass's mask; passes its input on where there is none. A network has one such layer. */
export const dropout: LayerDefinition = (_, input) =>
  composite([], input, (x, { mode: { dropoutMask } }) =>
    dropoutMask === undefined ? x : tf.mul<tf.Tensor4D>(x, dropoutMask),
  );
