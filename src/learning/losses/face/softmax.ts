import * as tf from '@tensorflow/tfjs';

import { meanCrossEntropy, oneHotTargets } from '../class-logits.js';
import { defineFaceLoss } from '../define-face-loss.js';

/** Softmax cross entropy without bias, of embeddings and class weights as they are (SymFace Eq. 1). */
export const softmax = defineFaceLoss(
  { name: 'softmax', source: 'SymFace Eq. 1', hyperparameters: {} },
  () => ({
    initialState: {},
    compute: (batch, state) =>
      tf.tidy(() => {
        const logits = tf.matMul<tf.Tensor2D>(batch.embeddings, batch.weight); // W_j z_i   (Eq. 1)
        return { loss: meanCrossEntropy(logits, oneHotTargets(batch), batch), state };
      }),
  }),
);
