import * as tf from '@tensorflow/tfjs';

import { compileToOnnx } from '../../compiler/index.js';
import type { Weights } from '../../core/models/weights.js';
import type { Backbone } from './backbone.js';
import { backboneVariables } from '../weights/backbone-variables.js';

/**
 * A backbone with its weights as an ONNX model: `image` [n, 3, height, width] -> `embedding` [n, D], any n. Batch norm
 * that follows a convolution or matrix is folded into it, since the frozen forward pass scales weights, which are
 * constants here.
 *
 * @throws Failure MODEL_INVALID where the weights do not fit the backbone
 */
export function compileServingGraph(backbone: Backbone, weights: Weights): Uint8Array {
  const { height, width } = backbone.inputSize;
  const variables = backboneVariables(backbone, weights);
  try {
    return compileToOnnx({
      name: backbone.name,
      inputs: [{ name: 'image', shape: [null, height, width, 3], dtype: 'float32', layout: 'NCHW' }],
      outputs: ['embedding'],
      run: (images) => [
        backbone.forward(images as tf.Tensor4D, variables, { normalisation: 'frozen' }).embeddings,
      ],
    });
  } finally {
    tf.dispose(variables);
  }
}
