import * as tf from '@tensorflow/tfjs';

import { cosineOfSum, monotonicCosineOfSum } from '../angles.js';
import { type ClassCosines, classCosines, meanCrossEntropy, withTargetCosines } from '../class-logits.js';
import { withGradient, withoutGradient } from '../custom-gradients.js';
import { defineFaceLoss } from '../define-face-loss.js';
import { type FaceLossBatch, statistic } from '../face-loss.js';
import { SCALE } from '../hyperparameter.js';
import { maskedMean } from '../masked-mean.js';

const MEAN_TARGET_COSINE = 'meanTargetCosine';

/**
 * CurricularFace (Huang et al. 2020): ArcFace whose hard negatives, those that beat the margined target, weigh more as
 * training goes on.
 *
 * State: `meanTargetCosine` t, the running mean of cos θ_y, which a step updates before it uses it.
 */
export const curricularFace = defineFaceLoss(
  {
    name: 'curricularface',
    source: 'Huang et al. 2020, arXiv 2004.00288',
    hyperparameters: {
      scale: SCALE,
      marginRadians: { meaning: 'm, added to the angle', default: 0.5, minimum: 0, maximum: Math.PI / 2 },
      statisticsRate: { meaning: 'α, the weight of a batch in t', default: 0.01, minimum: 0, maximum: 1 },
    },
  },
  ({ scale, marginRadians, statisticsRate }) => ({
    initialState: { [MEAN_TARGET_COSINE]: 0 },
    needsOwnClass: true,
    compute: (batch, state) =>
      tf.tidy(() => {
        const classes = classCosines(batch);
        const old = statistic(state, MEAN_TARGET_COSINE);
        const t = withoutGradient(() => movedTowardsTargets(old, classes, batch, statisticsRate));
        const isHard = withoutGradient(() => hardNegatives(classes, marginRadians));
        const negatives = withHardNegatives(classes.cosines, isHard, t);
        const target = monotonicCosineOfSum(classes.targetCosines, marginRadians); // cos(θ_y + m)
        const logits = tf.mul<tf.Tensor2D>(withTargetCosines(negatives, classes, target), scale);
        const loss = meanCrossEntropy(logits, classes.targets, batch);
        return { loss, state: { [MEAN_TARGET_COSINE]: t } };
      }),
  }),
);

/** t ← t + α (mean cos θ_y - t); as it was where all samples are padding. */
function movedTowardsTargets(
  t: tf.Scalar,
  { targetCosines }: ClassCosines,
  { sampleMask, statisticsMask = sampleMask }: FaceLossBatch,
  rate: number,
): tf.Scalar {
  const mean = maskedMean(tf.squeeze<tf.Tensor1D>(targetCosines, [1]), statisticsMask);
  const isKnown = tf.clipByValue(tf.sum(statisticsMask), 0, 1);
  return tf.add(t, tf.mul(tf.mul(isKnown, rate), tf.sub(mean, t)));
}

/** [B, C] where cos θ_j > cos(θ_y + m) for another class j. */
function hardNegatives(
  { cosines, targets, targetCosines }: ClassCosines,
  marginRadians: number,
): tf.Tensor2D {
  const beatsTarget = tf.greater(cosines, cosineOfSum(targetCosines, marginRadians));
  return tf.logicalAnd(beatsTarget, tf.equal(targets, 0));
}

/** cos θ_j (t + cos θ_j) for hard negatives, cos θ_j elsewhere. */
function withHardNegatives(cosines: tf.Tensor2D, isHard: tf.Tensor2D, t: tf.Scalar): tf.Tensor2D {
  return withGradient(cosines, {
    forward: (x, save) => {
      save([x, isHard, t]);
      return tf.where(isHard, tf.mul(x, tf.add(x, t)), x);
    },
    backward: (gradient, [x, hard, weight]) => {
      if (x === undefined || hard === undefined || weight === undefined) throw new Error('nothing was saved');
      const slope = tf.where(hard, tf.add(tf.mul(x, 2), weight), tf.onesLike(x)); // t + 2 cos θ_j, or 1
      return tf.mul(gradient, slope);
    },
  });
}
