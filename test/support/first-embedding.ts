import * as tf from '@tensorflow/tfjs';

import type { Backbone } from '../../src/learning/backbones/backbone.js';
import { backboneVariables } from '../../src/learning/weights/backbone-variables.js';
import { imagesOf, settledWeights } from './backbone-inputs.js';

/** The first numbers of the embedding of one image, with {@link settledWeights}: to be held to another implementation's. */
export function firstEmbedding(backbone: Backbone, numbers: number): number[] {
  return tf.tidy(() => {
    const variables = backboneVariables(backbone, settledWeights(backbone));
    const { embeddings } = backbone.forward(imagesOf(backbone, 1), variables, { normalisation: 'frozen' });
    return [...embeddings.dataSync<'float32'>().subarray(0, numbers)];
  });
}
