import * as tf from '@tensorflow/tfjs';

import { classCosines, meanCrossEntropy } from '../class-logits.js';
import { defineFaceLoss } from '../define-face-loss.js';
import { SCALE } from '../hyperparameter.js';

/** NormFace (Wang et al. 2017; SymFace Eq. 2): softmax cross entropy of scaled cosines, with no margin. */
export const normFace = defineFaceLoss(
  {
    name: 'normface',
    source: 'Wang et al. 2017, arXiv 1704.06369; SymFace Eq. 2',
    hyperparameters: { scale: SCALE },
  },
  ({ scale }) => ({
    initialState: {},
    compute: (batch, state) =>
      tf.tidy(() => {
        const { cosines, targets } = classCosines(batch);
        const logits = tf.mul<tf.Tensor2D>(cosines, scale); // s cos θ_j   (Eq. 2)
        return { loss: meanCrossEntropy(logits, targets, batch), state };
      }),
  }),
);
