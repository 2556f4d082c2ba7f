import * as tf from '@tensorflow/tfjs';

import { monotonicCosineOfSum } from '../angles.js';
import { classCosines, meanCrossEntropy, withTargetCosines } from '../class-logits.js';
import { defineFaceLoss } from '../define-face-loss.js';
import { SCALE } from '../hyperparameter.js';

/** What SymFace trains its lightweight networks with (section 4.2); the defaults are for the heavy ones. */
export const LIGHTWEIGHT_ARC_FACE = { scale: 32, marginRadians: 0.45 };

/** ArcFace (Deng et al. 2019; SymFace Eq. 5), in its classic form that falls with θ up to π. */
export const arcFace = defineFaceLoss(
  {
    name: 'arcface',
    source: 'Deng et al. 2019, arXiv 1801.07698; SymFace Eq. 5',
    hyperparameters: {
      scale: SCALE,
      marginRadians: { meaning: 'm, added to the angle', default: 0.5, minimum: 0, maximum: Math.PI / 2 },
    },
  },
  ({ scale, marginRadians }) => ({
    initialState: {},
    compute: (batch, state) =>
      tf.tidy(() => {
        const classes = classCosines(batch);
        const target = monotonicCosineOfSum(classes.targetCosines, marginRadians); // cos(θ_y + m)   (Eq. 5)
        const logits = tf.mul<tf.Tensor2D>(withTargetCosines(classes.cosines, classes, target), scale);
        return { loss: meanCrossEntropy(logits, classes.targets, batch), state };
      }),
  }),
);
