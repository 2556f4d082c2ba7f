import * as tf from '@tensorflow/tfjs';

import { withoutGradient } from './custom-gradients.js';

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
