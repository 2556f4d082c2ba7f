import * as tf from '@tensorflow/tfjs';

import { classCosines, meanCrossEntropy, withTargetCosines } from '../class-logits.js';
import { defineFaceLoss } from '../define-face-loss.js';
import { SCALE } from '../hyperparameter.js';

/**
 * CosFace (Wang et al. 2018; SymFace Eq. 3). The numerator of Eq. 3 as printed, s cos θ - m, has its bracket in the
 * wrong place: its own denominator and CosFace have s (cos θ - m).
 */
export const cosFace = defineFaceLoss(
  {
    name: 'cosface',
    source: 'Wang et al. 2018, arXiv 1801.09414; SymFace Eq. 3',
    hyperparameters: {
      scale: SCALE,
      marginCosine: { meaning: 'm, taken off the cosine', default: 0.4, minimum: 0, maximum: 2 },
    },
  },
  ({ scale, marginCosine }) => ({
    initialState: {},
    compute: (batch, state) =>
      tf.tidy(() => {
        const classes = classCosines(batch);
        const target = tf.sub<tf.Tensor2D>(classes.targetCosines, marginCosine); // cos θ_y - m   (Eq. 3)
        const logits = tf.mul<tf.Tensor2D>(withTargetCosines(classes.cosines, classes, target), scale);
        return { loss: meanCrossEntropy(logits, classes.targets, batch), state };
      }),
  }),
);
