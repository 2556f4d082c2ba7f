import * as tf from '@tensorflow/tfjs';

import { cosineOfSum } from '../angles.js';
import { classCosines, meanCrossEntropy, withTargetCosines } from '../class-logits.js';
import { withoutGradient } from '../custom-gradients.js';
import { defineFaceLoss } from '../define-face-loss.js';
import { SCALE } from '../hyperparameter.js';
import { maskedMean } from '../masked-mean.js';
import { normsWithin } from '../norms.js';

const NORM = { minimum: 0, isAboveMinimum: true, maximum: 1e6 };
const MARGIN = { minimum: 0, maximum: Math.PI / 2 };

/**
 * MagFace (Meng et al. 2021): ArcFace whose margin grows with the embedding's norm a, and a regulariser that rewards long
 * embeddings, so that the norm comes to say how good a face is. Gradients flow through the norm in both.
 *
 * As in its authors' code the margin is "easy": it is left out where cos θ_y is not positive. With a regulariser below
 * s K u_a² l_a² / (u_a² - l_a²), K = (u_m - l_m) / (u_a - l_a), norms may fall to l_a; that is 22.6 for the other defaults.
 */
export const magFace = defineFaceLoss(
  {
    name: 'magface',
    source: 'Meng et al. 2021, arXiv 2103.06627',
    hyperparameters: {
      scale: SCALE,
      lowestNorm: { meaning: 'l_a, norms below count as this', default: 10, ...NORM },
      highestNorm: { meaning: 'u_a, norms above count as this', default: 110, ...NORM },
      lowestMarginRadians: { meaning: 'l_m, the margin at l_a', default: 0.45, ...MARGIN },
      highestMarginRadians: { meaning: 'u_m, the margin at u_a', default: 0.8, ...MARGIN },
      regulariserWeight: {
        meaning: 'λ_g, the weight of the regulariser',
        default: 35,
        minimum: 0,
        maximum: 1e6,
      },
    },
  },
  ({ scale, lowestNorm, highestNorm, lowestMarginRadians, highestMarginRadians, regulariserWeight }) => {
    if (!(highestNorm > lowestNorm)) {
      throw new RangeError(`highestNorm must be above lowestNorm, ${lowestNorm}, and is ${highestNorm}`);
    }
    const slope = (highestMarginRadians - lowestMarginRadians) / (highestNorm - lowestNorm);
    return {
      initialState: {},
      headInitialiser: { distribution: 'unit-columns' },
      compute: (batch, state) =>
        tf.tidy(() => {
          const norms = normsWithin(batch.embeddings, lowestNorm, highestNorm); // a, [B, 1]
          const margins = tf.add<tf.Tensor2D>(tf.mul(tf.sub(norms, lowestNorm), slope), lowestMarginRadians); // m(a)
          const classes = classCosines(batch);
          const target = withEasyMargin(classes.targetCosines, margins); // cos(θ_y + m(a))
          const logits = tf.mul<tf.Tensor2D>(withTargetCosines(classes.cosines, classes, target), scale);
          const identity = meanCrossEntropy(logits, classes.targets, batch);
          const g = tf.add(tf.div(norms, highestNorm ** 2), tf.div(1, norms)); // g(a) = a / u_a² + 1 / a
          const regulariser = maskedMean(tf.squeeze(g, [1]), batch.sampleMask);
          return { loss: tf.add<tf.Scalar>(identity, tf.mul(regulariser, regulariserWeight)), state };
        }),
    };
  },
);

/** cos(θ + m) where cos θ is positive, else cos θ. */
function withEasyMargin(cosines: tf.Tensor2D, margins: tf.Tensor2D): tf.Tensor2D {
  const isAcute = withoutGradient(() => tf.greater(cosines, 0));
  return tf.where(isAcute, cosineOfSum(cosines, margins), cosines);
}
