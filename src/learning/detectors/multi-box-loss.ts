import * as tf from '@tensorflow/tfjs';

import type { DetectorOutput } from './detector-network.js';

/** What the anchors of a batch should say; of masked rows it does not matter. */
export interface AnchorTargets {
  /** [B, N] 1: a face, 0: background, -1: takes no part */
  readonly classes: tf.Tensor2D;
  /** [B, N, 4] */
  readonly boxes: tf.Tensor3D;
  /** [B, N, 10] */
  readonly landmarks: tf.Tensor3D;
  /** [B, N] 1 where the face has landmarks, else 0 */
  readonly landmarkMask: tf.Tensor2D;
}

export interface MultiBoxWeights {
  /** Factor of L_box */
  readonly box: number;
  /** Factor of L_pts */
  readonly landmarks: number;
}

export interface MultiBoxLoss {
  readonly loss: tf.Scalar;
  readonly classLoss: tf.Scalar;
  readonly boxLoss: tf.Scalar;
  readonly landmarkLoss: tf.Scalar;
}

/** α and γ of the focal loss (Lin et al., arXiv 1708.02002, section 4.1). */
const FOCAL_ALPHA = 0.25;
/** Error from which on the smooth L1 is linear: below, its gradient fades (Detectron's β for RPN). */
const SMOOTH_BETA = 1 / 9;

/**
 * RetinaFace's multi-task loss without dense regression (Deng et al., arXiv 1905.00641, Eq. 1): L_cls + λ1 L_box + λ2 L_pts,
 * each divided by the number of the batch's faces' anchors, at least 1. Its L_cls is cross entropy on the hardest negatives;
 * here it is the focal loss (Lin et al., Eq. 5), which needs no sorting: -α_t (1 - p_t)² ln p_t.
 */
export function multiBoxLoss(
  output: Pick<DetectorOutput, 'logits' | 'boxes' | 'landmarks'>,
  targets: AnchorTargets,
  weights: MultiBoxWeights,
): MultiBoxLoss {
  const isFace = tf.relu(targets.classes); // [B, N]
  const faceCount = tf.maximum(tf.sum(isFace), 1);
  const classLoss = tf.div<tf.Scalar>(tf.sum(focalLoss(output.logits, targets.classes)), faceCount);
  const boxLoss = maskedSmoothL1(output.boxes, targets.boxes, isFace, faceCount);
  const pointCount = tf.maximum(tf.sum(targets.landmarkMask), 1);
  const landmarkLoss = maskedSmoothL1(output.landmarks, targets.landmarks, targets.landmarkMask, pointCount);
  const regression = tf.add(tf.mul(boxLoss, weights.box), tf.mul(landmarkLoss, weights.landmarks));
  return { loss: tf.add(classLoss, regression), classLoss, boxLoss, landmarkLoss };
}

/**
 * Focal loss of each anchor: with s the logit towards its true class, p_t = σ(s), 1 - p_t = σ(-s), -ln p_t = ln(1 + e^-s).
 * @param logits [B, N] @param classes as AnchorTargets' @returns [B, N], 0 where the anchor takes no part
 */
export function focalLoss(logits: tf.Tensor2D, classes: tf.Tensor2D): tf.Tensor2D {
  const isFace = tf.relu(classes);
  const isIgnored = tf.relu(tf.neg(classes));
  const sign = tf.sub(tf.mul(isFace, 2), 1);
  // α for faces, 1 - α for background, 0 for what takes no part
  const alpha = tf.mul(tf.add(tf.mul(isFace, 2 * FOCAL_ALPHA - 1), 1 - FOCAL_ALPHA), tf.sub(1, isIgnored));
  const against = tf.neg(tf.mul(logits, sign)); // -s
  const focus = tf.square(tf.sigmoid(against)); // (1 - p_t)²
  return tf.mul(alpha, tf.mul(focus, tf.softplus(against)));
}

/** Sum over unmasked rows of the smooth L1 (Girshick, 2015) of each number, x² / 2β below β and |x| - β/2 above. */
function maskedSmoothL1(
  values: tf.Tensor3D,
  targets: tf.Tensor3D,
  mask: tf.Tensor2D,
  count: tf.Tensor,
): tf.Scalar {
  const error = tf.abs(tf.sub(values, targets));
  const small = tf.minimum(error, SMOOTH_BETA);
  // m (|x| - m/2) / β with m = min(|x|, β)
  const smooth = tf.div(tf.mul(small, tf.sub(error, tf.div(small, 2))), SMOOTH_BETA);
  return tf.div(tf.sum(tf.mul(smooth, tf.expandDims(mask, 2))), count);
}
