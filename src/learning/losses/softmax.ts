import * as tf from '@tensorflow/tfjs';

import { meanCrossEntropy, oneHotTargets } from './class-logits.js';
import type { FaceLoss } from './face-loss.js';

/** Softmax cross entropy without bias, of embeddings and class weights as they are (SymFace Eq. 1). */
export function softmax(): FaceLoss {
  return {
    initialState: {},
    compute: (batch, state) =>
      tf.tidy(() => {
        const logits = tf.matMul<tf.Tensor2D>(batch.embeddings, batch.weight); // W_j z_i   (Eq. 1)
        return { loss: meanCrossEntropy(logits, oneHotTargets(batch), batch.sampleMask), state };
      }),
  };
}
