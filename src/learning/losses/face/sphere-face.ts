import * as tf from '@tensorflow/tfjs';

import { classCosines, meanCrossEntropy, withTargetCosines } from '../class-logits.js';
import { withoutGradient } from '../custom-gradients.js';
import { defineFaceLoss } from '../define-face-loss.js';
import { statistic } from '../face-loss.js';
import { SCALE } from '../hyperparameter.js';

const STEPS = 'steps';

/**
 * SphereFace (Liu et al. 2017; SymFace Eq. 4), with the paper's fixed scale s in place of ‖z‖.
 *
 * cos(mθ) is made monotonic as ψ(θ) of SphereFace, and blended with cos θ by λ, which falls over the steps: its authors'
 * schedule for learning from scratch. `initialAnnealing: 0, finalAnnealing: 0` is Eq. 4, monotonic.
 *
 * State: `steps`, the number of steps so far.
 */
export const sphereFace = defineFaceLoss(
  {
    name: 'sphereface',
    source: 'Liu et al. 2017, arXiv 1704.08063; SymFace Eq. 4',
    hyperparameters: {
      scale: SCALE,
      angleFactor: {
        meaning: 'm, which multiplies the angle',
        default: 4,
        minimum: 1,
        maximum: 8,
        isWhole: true,
      },
      initialAnnealing: { meaning: 'λ at the first step', default: 1000, minimum: 0, maximum: 1e6 },
      annealingDecay: {
        meaning: 'γ: at step n λ is the initial one divided by 1 + γn',
        default: 0.12,
        minimum: 0,
        maximum: 1e6,
      },
      finalAnnealing: { meaning: 'λ falls no lower than this', default: 5, minimum: 0, maximum: 1e6 },
    },
  },
  ({ scale, angleFactor, initialAnnealing, annealingDecay, finalAnnealing }) => ({
    initialState: { [STEPS]: 0 },
    compute: (batch, state) =>
      tf.tidy(() => {
        const steps = statistic(state, STEPS);
        const decayed = tf.div(initialAnnealing, tf.add(1, tf.mul(steps, annealingDecay)));
        const lambda = tf.maximum<tf.Scalar>(decayed, finalAnnealing); // max(λ_min, λ_0 / (1 + γn))
        const classes = classCosines(batch);
        const { targetCosines } = classes;
        const psi = monotonicCosineOfMultiple(targetCosines, angleFactor); // cos(m θ_y)   (Eq. 4)
        const blended = tf.add(tf.mul(targetCosines, lambda), psi); // (λ cos θ_y + ψ(θ_y)) / (1 + λ)
        const target = tf.div<tf.Tensor2D>(blended, tf.add(lambda, 1));
        const logits = tf.mul<tf.Tensor2D>(withTargetCosines(classes.cosines, classes, target), scale);
        const loss = meanCrossEntropy(logits, classes.targets, batch.sampleMask);
        return { loss, state: { [STEPS]: tf.add<tf.Scalar>(steps, 1) } };
      }),
  }),
);

/**
 * ψ(θ) = (-1)^k cos(mθ) - 2k for θ in [kπ/m, (k + 1)π/m]: equal to cos(mθ) up to π/m, and falling all the way to π.
 * As a polynomial of cos θ, so that no angle and no infinite slope occurs.
 */
function monotonicCosineOfMultiple(cosine: tf.Tensor2D, factor: number): tf.Tensor2D {
  const k = withoutGradient(() =>
    Array.from({ length: factor - 1 }, (_, index) => Math.cos(((index + 1) * Math.PI) / factor)).reduce(
      (count, boundary) => tf.add(count, tf.cast(tf.less(cosine, boundary), 'float32')),
      tf.zerosLike(cosine),
    ),
  );
  const sign = tf.sub(1, tf.mul(2, tf.mod(k, 2))); // (-1)^k
  return tf.sub(tf.mul(sign, chebyshev(cosine, factor)), tf.mul(2, k));
}

/** cos(nθ) = T_n(cos θ), by T_n = 2 cos θ T_(n-1) - T_(n-2). */
function chebyshev(cosine: tf.Tensor2D, degree: number): tf.Tensor2D {
  let before = tf.onesLike(cosine);
  let current = cosine;
  for (let n = 2; n <= degree; n++) {
    [before, current] = [current, tf.sub(tf.mul(tf.mul(cosine, 2), current), before)];
  }
  return current;
}
