import * as tf from '@tensorflow/tfjs';

import { withGradient, withoutGradient } from './custom-gradients.js';

/**
 * Smallest sin²θ. A cosine in 32-bit floats nearer to ±1 than this is ±1, or beyond it by rounding; there sin θ is taken
 * for 1e-6, and its gradient, which is infinite at θ = 0 and π, for 0.
 */
const MINIMUM_SQUARED_SINE = 1e-12;

/** sin θ from cos θ for θ in [0, π]. */
function sine(cosine: tf.Tensor2D): tf.Tensor2D {
  // (1 - c)(1 + c) keeps the digits that 1 - c² loses near ±1.
  const squaredSine = tf.mul(tf.sub(1, cosine), tf.add(1, cosine));
  return tf.sqrt(tf.maximum(squaredSine, MINIMUM_SQUARED_SINE));
}

/**
 * cos(θ + m) by the addition theorem, with no arc cosine, whose gradient is infinite at both ends.
 *
 * @param cosine [B, 1] cos θ, θ in [0, π]
 * @param marginRadians m, a number or [B, 1]
 */
export function cosineOfSum(cosine: tf.Tensor2D, marginRadians: number | tf.Tensor2D): tf.Tensor2D {
  return tf.sub(tf.mul(cosine, tf.cos(marginRadians)), tf.mul(sine(cosine), tf.sin(marginRadians)));
}

/**
 * ArcFace's cos(θ + m) where θ + m < π; beyond, where it would rise again, the straight line cos θ - m sin(π - m).
 *
 * @param cosine [B, 1] cos θ
 * @param marginRadians m, 0 to π/2; from 2.3 on the line would start above the curve's end
 */
export function monotonicCosineOfSum(cosine: tf.Tensor2D, marginRadians: number): tf.Tensor2D {
  const isBelowPi = withoutGradient(() => tf.greater(cosine, Math.cos(Math.PI - marginRadians)));
  const beyondPi = tf.sub<tf.Tensor2D>(cosine, marginRadians * Math.sin(Math.PI - marginRadians));
  return tf.where(isBelowPi, cosineOfSum(cosine, marginRadians), beyondPi);
}

/** How near to ±1 a cosine may come before its arc cosine is taken: two steps of a 32-bit float below 1, 5e-4 radians. */
const ACOS_MARGIN = 1e-7;

/**
 * ψ(mθ + δ) with ψ(φ) = (-1)^k cos φ - 2k for φ in [kπ, (k + 1)π] (SphereFace): cos(mθ + δ) as far as π, and falling on
 * from there. Any m will do, whole or not: the pieces meet with a slope of 0.
 *
 * Its slope by cos θ, m (-1)^k sin φ / sin θ, can be infinite at θ = 0 and π; there it is that of 5e-4 radians from it.
 *
 * @param cosine [B, 1] cos θ, θ in [0, π]
 * @param factor m, 1 or more
 * @param shiftRadians δ, 0 or more
 */
export function monotonicCosineOfLinear(
  cosine: tf.Tensor2D,
  factor: number,
  shiftRadians: number,
): tf.Tensor2D {
  return withGradient(cosine, {
    forward: (x, save) => {
      const theta = tf.acos(tf.clipByValue(x, ACOS_MARGIN - 1, 1 - ACOS_MARGIN));
      const phi = tf.add<tf.Tensor2D>(tf.mul(theta, factor), shiftRadians);
      const k = tf.floor(tf.div(phi, Math.PI));
      const sign = tf.sub<tf.Tensor2D>(1, tf.mul(2, tf.mod(k, 2))); // (-1)^k
      save([theta, phi, sign]);
      return tf.sub(tf.mul(sign, tf.cos(phi)), tf.mul(2, k));
    },
    backward: (gradient, [theta, phi, sign]) => {
      if (theta === undefined || phi === undefined || sign === undefined)
        throw new Error('nothing was saved');
      const slope = tf.div(tf.mul(tf.mul(sign, tf.sin(phi)), factor), tf.sin(theta));
      return tf.mul(gradient, slope);
    },
  });
}
