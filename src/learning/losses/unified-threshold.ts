import * as tf from '@tensorflow/tfjs';

/** Where two vectors count as of one person. */
export interface UnifiedThreshold {
  /** s */
  readonly scale: number;
  /** m, taken off the cosines of pairs of one person */
  readonly marginCosine: number;
  /** b: a cosine of b / s is as likely of one person as of two */
  readonly bias: tf.Scalar;
}

/**
 * What each cosine costs where pairs are told apart by one threshold for all (UniFace, UniTSFace):
 * log(1 + exp(-(s (cos θ - m) - b))) for two vectors of one person, log(1 + exp(s cos θ - b)) for those of two.
 *
 * @param cosines [B, N]
 * @returns both for each cosine; which of them counts is for the caller to say
 */
export function thresholdLosses(
  cosines: tf.Tensor2D,
  { scale, marginCosine, bias }: UnifiedThreshold,
): { readonly samePerson: tf.Tensor2D; readonly otherPerson: tf.Tensor2D } {
  const positive = tf.sub<tf.Tensor2D>(tf.mul(tf.sub(cosines, marginCosine), scale), bias); // s (cos θ - m) - b
  const negative = tf.sub<tf.Tensor2D>(tf.mul(cosines, scale), bias); // s cos θ - b
  return { samePerson: tf.softplus(tf.neg(positive)), otherPerson: tf.softplus(negative) };
}
