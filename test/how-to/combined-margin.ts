import * as tf from '@tensorflow/tfjs';

import { monotonicCosineOfSum } from '../../src/learning/losses/angles.js';
import { classCosines, meanCrossEntropy, withTargetCosines } from '../../src/learning/losses/class-logits.js';
import { defineFaceLoss } from '../../src/learning/losses/define-face-loss.js';
import { SCALE } from '../../src/learning/losses/hyperparameter.js';

/** ArcFace's combined margin (Deng et al. 2019), without its factor of the angle. */
export const combinedMargin = defineFaceLoss(
  {
    name: 'combinedmargin',
    source: 'Deng et al. 2019, arXiv 1801.07698',
    hyperparameters: {
      scale: SCALE,
      marginRadians: { meaning: 'm_2, added to the angle', default: 0.3, minimum: 0, maximum: 1.5 },
      marginCosine: { meaning: 'm_3, taken off the cosine', default: 0.2, minimum: 0, maximum: 2 },
    },
  },
  ({ scale, marginRadians, marginCosine }) => ({
    initialState: {},
    compute: (batch, state) =>
      tf.tidy(() => {
        const classes = classCosines(batch);
        const turned = monotonicCosineOfSum(classes.targetCosines, marginRadians); // cos(θ_y + m_2)
        const target = tf.sub<tf.Tensor2D>(turned, marginCosine); // - m_3
        const logits = tf.mul<tf.Tensor2D>(withTargetCosines(classes.cosines, classes, target), scale);
        return { loss: meanCrossEntropy(logits, classes.targets, batch), state };
      }),
  }),
);
