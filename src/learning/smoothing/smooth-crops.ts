import * as tf from '@tensorflow/tfjs';

/** So many deviations from its middle a Gaussian counts as 0. */
const reachDeviations = 3;

/**
 * Crops smoothed by a Gaussian of deviation σ, each channel for itself. At the border the pixels that are there are weighed so that they sum to
 * 1, and nothing is made up:
 *
 *     y(p) = Σ_q g(p - q) x(q) / Σ_q g(p - q),  g(d) = exp(-|d|² / 2σ²),  q in the crop
 *
 * The noise of a bad camera, the blocks of its compression and what enlarging makes of them are finer than what such a picture shows of a face, and
 * a network that was trained on sharp faces takes them for features.
 *
 * @param crops [n, h, w, 3]
 * @param deviationPixels σ, above 0
 * @returns [n, h, w, 3]
 */
export function smoothCrops(crops: tf.Tensor4D, deviationPixels: number): tf.Tensor4D {
  return tf.tidy(() => {
    const [, height, width, channels] = crops.shape;
    const weights = gaussian(deviationPixels);
    const taps = weights.length;
    const perChannel = Float32Array.from({ length: taps * channels }, (_, at) => at / channels).map(
      (at) => weights[Math.floor(at)] ?? 0,
    );
    const down = tf.tensor4d(perChannel, [taps, 1, channels, 1]);
    const across = tf.tensor4d(perChannel, [1, taps, channels, 1]);
    const blurred = tf.depthwiseConv2d(tf.depthwiseConv2d(crops, down, 1, 'same'), across, 1, 'same');
    const rows = inverseMass(weights, height);
    const columns = inverseMass(weights, width);
    const scale = Float32Array.from(
      { length: height * width },
      (_, at) => (rows[Math.floor(at / width)] ?? 0) * (columns[at % width] ?? 0),
    );
    return tf.mul<tf.Tensor4D>(blurred, tf.tensor4d(scale, [1, height, width, 1]));
  });
}

/** An odd number of weights that sum to 1. */
function gaussian(deviation: number): readonly number[] {
  const reach = Math.ceil(reachDeviations * deviation);
  const values = Array.from({ length: 2 * reach + 1 }, (_, at) =>
    Math.exp(-((at - reach) ** 2) / (2 * deviation ** 2)),
  );
  const sum = values.reduce((total, value) => total + value, 0);
  return values.map((value) => value / sum);
}

/** [extent] 1 over the sum of the weights that lie within the crop. */
function inverseMass(weights: readonly number[], extent: number): readonly number[] {
  const reach = (weights.length - 1) / 2;
  return Array.from({ length: extent }, (_, at) => {
    const inside = weights.filter((__, tap) => at + tap - reach >= 0 && at + tap - reach < extent);
    return 1 / inside.reduce((sum, weight) => sum + weight, 0);
  });
}
