import type * as tf from '@tensorflow/tfjs';

import type { ForwardPass } from './forward-pass.js';
import type { FeatureShape, Layer } from './layer.js';

/** A layer that is linear in its weights, so that a factor for each output channel can move into them. */
export interface WeightLayer extends Layer {
  /**
   * Computes as `forward`, each output channel multiplied by its factor: the factor is applied to the weights, not
   * to the feature map, which is larger.
   * @param channelFactors [channels] of the output
   */
  readonly forwardScaled: (x: tf.Tensor4D, pass: ForwardPass, channelFactors: tf.Tensor1D) => tf.Tensor4D;
}

export type WeightLayerDefinition = (name: string, input: FeatureShape) => WeightLayer;
