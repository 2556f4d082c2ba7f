import * as tf from '@tensorflow/tfjs';

import { classCosines, meanCrossEntropy, withTargetCosines } from '../class-logits.js';
import { withoutGradient } from '../custom-gradients.js';
import { defineFaceLoss } from '../define-face-loss.js';
import { type FaceLossBatch, statistic, trainedScalar } from '../face-loss.js';
import { SCALE } from '../hyperparameter.js';
import { maskedMean } from '../masked-mean.js';
import { thresholdLosses } from '../unified-threshold.js';
import { unitVectors } from '../unit-vectors.js';

const BIAS = 'bias';
const FIRST_BIAS = 'firstBias';
/** The logit of what does not count: exp of it is 0. */
const NEVER = -1e9;

/**
 * UniTSFace (Zhou et al., NeurIPS 2023): CosFace between samples and classes, and beside it one threshold b between samples
 * and samples, as verification has one (its unified threshold integrated sample-to-sample loss, USS).
 *
 * A sample is compared with all others of its batch; what it is compared with gets no gradient. Its authors compare it with
 * the last embedding of each class, without gradient too, from the second epoch on. A batch of faces of different people
 * has no pair of one person but the halves of a split face.
 *
 * b = b_0 + β; β, which begins at 0, is trained along with the class weights. State: `firstBias` b_0, which is found whenever b
 * is not positive, from the batch: the mean over samples of log Σ exp(s cos θ) over faces of other people, as its authors do.
 */
export const uniTsFace = defineFaceLoss(
  {
    name: 'unitsface',
    source: 'Zhou et al. 2023, NeurIPS, "UniTSFace: Unified Threshold Integrated Sample-to-Sample Loss"',
    hyperparameters: {
      scale: SCALE,
      marginCosine: { meaning: "taken off the own class's cosine", default: 0.4, minimum: 0, maximum: 2 },
      sampleMarginCosine: {
        meaning: 'm, taken off the cosine of two samples of one person',
        default: 0.1,
        minimum: 0,
        maximum: 2,
      },
    },
  },
  ({ scale, marginCosine, sampleMarginCosine }) => ({
    initialState: { [FIRST_BIAS]: 0 },
    scalars: [BIAS],
    headInitialiser: { distribution: 'unit-columns' },
    compute: (batch, state) =>
      tf.tidy(() => {
        const classes = classCosines(batch);
        const target = tf.sub<tf.Tensor2D>(classes.targetCosines, marginCosine);
        const logits = tf.mul<tf.Tensor2D>(withTargetCosines(classes.cosines, classes, target), scale);
        const toClasses = meanCrossEntropy(logits, classes.targets, batch);
        const pairs = pairsOf(batch);
        const trained = trainedScalar(batch, BIAS);
        const firstBias = withoutGradient(() =>
          firstBiasOf(pairs, statistic(state, FIRST_BIAS), trained, scale),
        );
        const bias = tf.add<tf.Scalar>(firstBias, trained);
        const options = { scale, marginCosine: sampleMarginCosine, bias };
        const { samePerson, otherPerson } = thresholdLosses(pairs.cosines, options);
        const counted = tf.add(tf.mul(samePerson, pairs.isSame), tf.mul(otherPerson, pairs.isOther));
        const toSamples = maskedMean(tf.sum<tf.Tensor1D>(counted, 1), batch.sampleMask);
        return { loss: tf.add<tf.Scalar>(toClasses, toSamples), state: { [FIRST_BIAS]: firstBias } };
      }),
  }),
);

/** A batch's pairs of different samples, neither of them padding: one in each place of [B, B]. */
interface SamplePairs {
  /** Rows get a gradient, columns get none. */
  readonly cosines: tf.Tensor2D;
  /** 1 for two samples of one person, else 0 */
  readonly isSame: tf.Tensor2D;
  /** 1 for samples of two people, else 0 */
  readonly isOther: tf.Tensor2D;
}

function pairsOf({ embeddings, labels, sampleMask }: FaceLossBatch): SamplePairs {
  const units = (): tf.Tensor2D => unitVectors(embeddings, 1);
  const cosines = tf.matMul<tf.Tensor2D>(units(), withoutGradient(units), false, true);
  const equals = (values: tf.Tensor1D): tf.Tensor2D =>
    tf.cast(tf.equal(tf.expandDims(values, 1), tf.expandDims(values, 0)), 'float32');
  // Numbers of the samples, for any length of a batch.
  const isItself = equals(tf.cumsum(tf.onesLike(sampleMask)));
  const isCounted = tf.mul(tf.expandDims(sampleMask, 1), tf.expandDims(sampleMask, 0));
  const isClass = equals(labels);
  return {
    cosines,
    isSame: tf.mul(isCounted, tf.mul(isClass, tf.sub(1, isItself))),
    isOther: tf.mul(isCounted, tf.sub(1, isClass)),
  };
}

/** b_0 as it was while b is positive; else what makes b the mean of log Σ exp(s cos θ) over other people's samples. */
function firstBiasOf(
  { cosines, isOther }: SamplePairs,
  firstBias: tf.Scalar,
  trained: tf.Scalar,
  scale: number,
): tf.Scalar {
  const logits = tf.add(tf.mul(cosines, scale), tf.mul(tf.sub(1, isOther), NEVER));
  const hasOthers = tf.max<tf.Tensor1D>(isOther, 1);
  const found = tf.sub<tf.Scalar>(maskedMean(tf.logSumExp(logits, 1), hasOthers), trained);
  const isFound = tf.logicalAnd(
    tf.lessEqual(tf.add(firstBias, trained), 0),
    tf.greater(tf.sum(hasOthers), 0),
  );
  return tf.where(isFound, found, firstBias);
}
