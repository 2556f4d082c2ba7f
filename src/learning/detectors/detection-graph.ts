import * as tf from '@tensorflow/tfjs';

import { compileToOnnx } from '../../compiler/index.js';
import type { Weights } from '../../core/models/weights.js';
import { backboneVariables } from '../weights/backbone-variables.js';
import type { DetectorNetwork } from './detector-network.js';

/**
 * A detector with its weights as an ONNX model: `image` [n, 3, height, width], any n -> `boxes` [n, N, 4], `classes` [n, N, 2]
 * as (background, face), `landmarks` [n, N, 10], as decodeRetinaFace reads them. Batch norm is folded into the convolutions.
 *
 * @throws Failure MODEL_INVALID, naming the array that is missing or of another shape
 */
export function compileDetectionGraph(network: DetectorNetwork, weights: Weights): Uint8Array {
  const { width, height } = network.inputSize;
  const variables = backboneVariables(network, weights);
  try {
    return compileToOnnx({
      name: network.name,
      inputs: [{ name: 'image', shape: [null, height, width, 3], dtype: 'float32', layout: 'NCHW' }],
      outputs: ['boxes', 'classes', 'landmarks'],
      run: (images) => {
        const { logits, boxes, landmarks } = network.forward(images as tf.Tensor4D, variables, {
          normalisation: 'frozen',
        });
        // The softmax of two logits is the sigmoid of their difference.
        const classes = tf.stack([tf.sigmoid(tf.neg(logits)), tf.sigmoid(logits)], 2);
        return [boxes, classes, landmarks];
      },
    });
  } finally {
    tf.dispose(variables);
  }
}
