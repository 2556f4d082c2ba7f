import * as tf from '@tensorflow/tfjs';

import { monotonicCosineOfLinear } from '../angles.js';
import { type ClassCosines, classCosines, meanCrossEntropy, withTargetCosines } from '../class-logits.js';
import { withoutGradient } from '../custom-gradients.js';
import { defineFaceLoss } from '../define-face-loss.js';
import { SCALE } from '../hyperparameter.js';

/**
 * The margins of SphereFace, ArcFace and CosFace in one (Deng et al. 2019, Eq. 4), cos(m_1 θ + m_2) - m_3, falling on beyond
 * m_1 θ + m_2 = π as SphereFace's ψ does, and InsightFace's filter of class conflicts: another class whose cosine is above a
 * threshold, likely the same person under another name, counts as one at a right angle.
 *
 * InsightFace's own `CombinedMarginLoss` has this interface, but computes ArcFace where m_1 = 1 and m_3 = 0, and CosFace where
 * m_3 > 0, whatever m_1 and m_2 are.
 */
export const unifiedMargin = defineFaceLoss(
  {
    name: 'unifiedmargin',
    source: 'Deng et al. 2019, arXiv 1801.07698, Eq. 4; InsightFace losses.py',
    hyperparameters: {
      scale: SCALE,
      angleFactor: { meaning: 'm_1, which multiplies the angle', default: 1, minimum: 1, maximum: 8 },
      marginRadians: { meaning: 'm_2, added to the angle', default: 0.5, minimum: 0, maximum: Math.PI / 2 },
      marginCosine: { meaning: 'm_3, taken off the cosine', default: 0, minimum: 0, maximum: 2 },
      conflictCosine: {
        meaning: "other classes' cosines above this count as 0; 1 for none",
        default: 1,
        minimum: 0,
        maximum: 1,
      },
    },
  },
  ({ scale, angleFactor, marginRadians, marginCosine, conflictCosine }) => ({
    initialState: {},
    compute: (batch, state) =>
      tf.tidy(() => {
        const classes = classCosines(batch);
        const turned = monotonicCosineOfLinear(classes.targetCosines, angleFactor, marginRadians); // cos(m_1 θ_y + m_2)
        const target = tf.sub<tf.Tensor2D>(turned, marginCosine); // - m_3
        const cosines = conflictCosine < 1 ? withoutConflicts(classes, conflictCosine) : classes.cosines;
        const logits = tf.mul<tf.Tensor2D>(withTargetCosines(cosines, classes, target), scale);
        return { loss: meanCrossEntropy(logits, classes.targets, batch), state };
      }),
  }),
);

/** The cosines with 0 in the place of those of other classes above `threshold`. */
function withoutConflicts({ cosines, targets }: ClassCosines, threshold: number): tf.Tensor2D {
  const isKept = withoutGradient(() => {
    const isConflict = tf.logicalAnd<tf.Tensor2D>(tf.greater(cosines, threshold), tf.equal(targets, 0));
    return tf.cast<tf.Tensor2D>(tf.logicalNot(isConflict), 'float32');
  });
  return tf.mul(cosines, isKept);
}
