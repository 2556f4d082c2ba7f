import * as tf from '@tensorflow/tfjs';

import { cosineOfSum } from '../angles.js';
import { classCosines, meanCrossEntropy, withTargetCosines } from '../class-logits.js';
import { withoutGradient } from '../custom-gradients.js';
import { defineFaceLoss } from '../define-face-loss.js';
import { type FaceLossState, statistic } from '../face-loss.js';
import { SCALE } from '../hyperparameter.js';
import { maskedMean } from '../masked-mean.js';
import { normsWithin } from '../norms.js';

const MEAN_NORM = 'meanNorm';
const NORM_DEVIATION = 'normDeviation';

/** eps of AdaFace: added to σ, and kept between the cosine and ±1 and between the angle, in radians, and 0 and π. */
const EPSILON = 1e-3;
const SHORTEST_NORM = 1e-3;
const LONGEST_NORM = 100;

/**
 * AdaFace (Kim et al. 2022): the margin adapts to image quality, for which the embedding's norm stands.
 *
 * State: `meanNorm` μ and `normDeviation` σ, running statistics of the norms, which a step updates before it uses them.
 * A batch without samples leaves both as they were; one with a single sample has no deviation and leaves σ.
 *
 * Its authors' code also keeps other classes' cosines within ±(1 - eps); here only the sample's own is. Class weights begin
 * with a length of 1, as there.
 */
export const adaFace = defineFaceLoss(
  {
    name: 'adaface',
    source: 'Kim et al. 2022, arXiv 2204.00964',
    hyperparameters: {
      scale: SCALE,
      margin: {
        meaning: 'm, radians in the angular margin and a cosine in the additive one',
        default: 0.4,
        minimum: 0,
        maximum: 1,
      },
      concentration: {
        meaning: 'h, how much of the spread of norms lies within the range of margins',
        default: 0.333,
        minimum: 0,
        isAboveMinimum: true,
        maximum: 1e6,
      },
      statisticsRate: {
        meaning: 't_α, the weight of a batch in μ and σ',
        default: 0.01,
        minimum: 0,
        maximum: 1,
      },
    },
  },
  ({ scale, margin, concentration, statisticsRate }) => ({
    initialState: { [MEAN_NORM]: 20, [NORM_DEVIATION]: 100 },
    headInitialiser: { distribution: 'unit-columns' },
    compute: (batch, previous) =>
      tf.tidy(() => {
        const norms = withoutGradient(() => clippedNorms(batch.embeddings));
        const state = withNorms(previous, norms, batch.statisticsMask ?? batch.sampleMask, statisticsRate);
        const z = qualities(norms, state, concentration);
        const classes = classCosines(batch);
        const shifted = cosineOfShiftedAngle(classes.targetCosines, tf.mul(z, -margin)); // cos(θ_y - m z)
        const target = tf.sub<tf.Tensor2D>(shifted, tf.add(margin, tf.mul(z, margin))); // - (m + m z)
        const logits = tf.mul<tf.Tensor2D>(withTargetCosines(classes.cosines, classes, target), scale);
        return { loss: meanCrossEntropy(logits, classes.targets, batch), state };
      }),
  }),
);

/** ‖z_i‖ as [B], held to the range in which norms tell something of quality. */
function clippedNorms(embeddings: tf.Tensor2D): tf.Tensor1D {
  return tf.squeeze(normsWithin(embeddings, SHORTEST_NORM, LONGEST_NORM), [1]);
}

/** μ ← μ + t_α (mean - μ) and σ ← σ + t_α (std - σ), the deviation over n - 1. */
function withNorms(
  state: FaceLossState,
  norms: tf.Tensor1D,
  sampleMask: tf.Tensor1D,
  rate: number,
): FaceLossState {
  const count = tf.sum(sampleMask);
  const mean = maskedMean(norms, sampleMask);
  const squaredDistances = tf.mul(tf.square(tf.sub(norms, mean)), sampleMask);
  const deviation = tf.sqrt(tf.div(tf.sum(squaredDistances), tf.maximum(tf.sub(count, 1), 1)));
  // The mean counts from one sample on, the deviation from two.
  const move = (name: string, target: tf.Tensor, isKnown: tf.Tensor): tf.Scalar => {
    const old = statistic(state, name);
    return tf.add(old, tf.mul(tf.mul(isKnown, rate), tf.sub(target, old)));
  };
  return {
    [MEAN_NORM]: move(MEAN_NORM, mean, tf.clipByValue(count, 0, 1)),
    [NORM_DEVIATION]: move(NORM_DEVIATION, deviation, tf.clipByValue(tf.sub(count, 1), 0, 1)),
  };
}

/** z = clip(h (‖z_i‖ - μ) / (σ + eps), -1, 1) as [B, 1]: -1 for the poorest images, 1 for the best. */
function qualities(norms: tf.Tensor1D, state: FaceLossState, concentration: number): tf.Tensor2D {
  const deviations = tf.div(
    tf.sub(norms, statistic(state, MEAN_NORM)),
    tf.add(statistic(state, NORM_DEVIATION), EPSILON),
  );
  return tf.expandDims<tf.Tensor2D>(tf.clipByValue(tf.mul(deviations, concentration), -1, 1), 1);
}

/**
 * cos(clip(θ + δ, eps, π - eps)). Since the cosine falls with θ, the clip is put on cos θ: θ may run from eps - δ to
 * π - eps - δ, as far as these lie within 0 and π.
 */
function cosineOfShiftedAngle(cosine: tf.Tensor2D, shiftRadians: tf.Tensor2D): tf.Tensor2D {
  const bound = (angle: number): tf.Tensor2D =>
    tf.cos(tf.clipByValue(tf.sub<tf.Tensor2D>(angle, shiftRadians), 0, Math.PI));
  const kept = tf.clipByValue(cosine, EPSILON - 1, 1 - EPSILON);
  const clipped = tf.minimum(tf.maximum(kept, bound(Math.PI - EPSILON)), bound(EPSILON));
  return cosineOfSum(clipped as tf.Tensor2D, shiftRadians);
}
