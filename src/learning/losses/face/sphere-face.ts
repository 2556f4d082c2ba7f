import * as tf from '@tensorflow/tfjs';

import { monotonicCosineOfLinear } from '../angles.js';
import { classCosines, meanCrossEntropy, withTargetCosines } from '../class-logits.js';
import { withoutGradient } from '../custom-gradients.js';
import { defineFaceLoss } from '../define-face-loss.js';
import { statistic } from '../face-loss.js';
import { SCALE } from '../hyperparameter.js';

const STEPS = 'steps';

/** SphereFace as it was published: m = 4, blended with cos θ by λ, which falls from 1000 to 5 (Liu et al. 2017). */
export const ANNEALED_SPHERE_FACE = {
  angleFactor: 4,
  initialAnnealing: 1000,
  finalAnnealing: 5,
  gradientThroughMargin: 1,
};

/**
 * SphereFace (Liu et al. 2017; SymFace Eq. 4), with a fixed scale s in place of ‖z‖ and cos(mθ) made monotonic as ψ. The
 * defaults are those of its authors' later code, opensphere, after SphereFace-R (Liu et al. 2022): m = 1.7, no annealing,
 * s = 64 as its configuration for MS1M has it, and the characteristic gradient detachment, by which the margin changes the logit but not its gradient by cos θ.
 *
 * State: `steps`, the number of steps so far.
 */
export const sphereFace = defineFaceLoss(
  {
    name: 'sphereface',
    source: 'Liu et al. 2017, arXiv 1704.08063; Liu et al. 2022, arXiv 2109.05565; SymFace Eq. 4',
    hyperparameters: {
      scale: SCALE,
      angleFactor: { meaning: 'm, which multiplies the angle', default: 1.7, minimum: 1, maximum: 8 },
      initialAnnealing: { meaning: 'λ at the first step', default: 0, minimum: 0, maximum: 1e6 },
      annealingDecay: {
        meaning: 'γ: at step n λ is the initial one divided by 1 + γn',
        default: 0.12,
        minimum: 0,
        maximum: 1e6,
      },
      finalAnnealing: { meaning: 'λ falls no lower than this', default: 0, minimum: 0, maximum: 1e6 },
      gradientThroughMargin: {
        meaning: "1: the gradient is the logit's own; 0: it is that of cos θ",
        default: 0,
        minimum: 0,
        maximum: 1,
        isWhole: true,
      },
    },
  },
  ({ scale, angleFactor, initialAnnealing, annealingDecay, finalAnnealing, gradientThroughMargin }) => ({
    initialState: { [STEPS]: 0 },
    compute: (batch, state) =>
      tf.tidy(() => {
        const steps = statistic(state, STEPS);
        const decayed = tf.div(initialAnnealing, tf.add(1, tf.mul(steps, annealingDecay)));
        const lambda = tf.maximum<tf.Scalar>(decayed, finalAnnealing); // max(λ_min, λ_0 / (1 + γn))
        const classes = classCosines(batch);
        const { targetCosines } = classes;
        const blended = (): tf.Tensor2D => {
          const psi = monotonicCosineOfLinear(targetCosines, angleFactor, 0); // cos(m θ_y)   (Eq. 4)
          return tf.div(tf.add(tf.mul(targetCosines, lambda), psi), tf.add(lambda, 1)); // (λ cos θ_y + ψ) / (1 + λ)
        };
        const target = gradientThroughMargin === 1 ? blended() : detached(targetCosines, blended);
        const logits = tf.mul<tf.Tensor2D>(withTargetCosines(classes.cosines, classes, target), scale);
        const loss = meanCrossEntropy(logits, classes.targets, batch);
        return { loss, state: { [STEPS]: tf.add<tf.Scalar>(steps, 1) } };
      }),
  }),
);

/** The value of `compute` with the gradient of the cosines. */
function detached(cosines: tf.Tensor2D, compute: () => tf.Tensor2D): tf.Tensor2D {
  return tf.add(
    cosines,
    withoutGradient(() => tf.sub(compute(), cosines)),
  );
}
