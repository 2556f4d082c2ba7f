import * as tf from '@tensorflow/tfjs';

import { classCosines, meanCrossEntropy, withTargetCosines } from './class-logits.js';
import { withoutGradient } from './custom-gradients.js';
import { type FaceLoss, statistic } from './face-loss.js';
import { requireScale, requireWithin } from './hyperparameters.js';

export interface SphereFaceOptions {
  /** s, above 0. */
  readonly scale?: number;
  /** m, which multiplies the angle: a whole number from 1 to 8. */
  readonly angleFactor?: number;
  /** λ at the first step, 0 or more. */
  readonly initialAnnealing?: number;
  /** γ: at step n λ is the initial one divided by 1 + γn. */
  readonly annealingDecay?: number;
  /** λ falls no lower than this, 0 or more. */
  readonly finalAnnealing?: number;
}

export const SPHERE_FACE_DEFAULTS: Required<SphereFaceOptions> = {
  scale: 64,
  angleFactor: 4,
  initialAnnealing: 1000,
  annealingDecay: 0.12,
  finalAnnealing: 5,
};

const STEPS = 'steps';

/**
 * SphereFace (Liu et al. 2017; SymFace Eq. 4), with the paper's fixed scale s in place of ‖z‖.
 *
 * cos(mθ) is made monotonic as ψ(θ) of SphereFace, and blended with cos θ by λ, which falls over the steps: its authors'
 * schedule for learning from scratch. `initialAnnealing: 0, finalAnnealing: 0` is Eq. 4, monotonic.
 *
 * State: `steps`, the number of steps so far.
 *
 * @throws RangeError where an option is out of its range
 */
export function sphereFace(options: SphereFaceOptions = {}): FaceLoss {
  const { scale, angleFactor, initialAnnealing, annealingDecay, finalAnnealing } = {
    ...SPHERE_FACE_DEFAULTS,
    ...options,
  };
  requireScale(scale);
  requireWithin('angleFactor', angleFactor, 1, 8);
  if (!Number.isInteger(angleFactor)) throw new RangeError(`angleFactor must be whole and is ${angleFactor}`);
  requireWithin('initialAnnealing', initialAnnealing, 0, 1e6);
  requireWithin('annealingDecay', annealingDecay, 0, 1e6);
  requireWithin('finalAnnealing', finalAnnealing, 0, 1e6);
  return {
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
  };
}

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
