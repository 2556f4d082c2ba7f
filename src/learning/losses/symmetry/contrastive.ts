import * as tf from '@tensorflow/tfjs';

import { withoutGradient } from '../custom-gradients.js';
import { defineSymmetryTerm, halvedMean, type SplitFaceEmbeddings } from '../symmetry-term.js';
import { unitVectors } from '../unit-vectors.js';

/** What is taken off the logit of a half that is no candidate: its share of the softmax is 0 in 32 bits. */
const EXCLUDED = 1e9;

/**
 * L_ρ = 1/(2 pN_sym) Σ ρ_i (ℓ(x_i^l, x_i^r) + ℓ(x_i^r, x_i^l)) with ℓ(a, b) = -log(exp(a·b / T) / Σ_c exp(a·c / T)) of unit
 * embeddings: InfoNCE (van den Oord et al. 2018) over the 2P halves of the batch, as SimCLR's NT-Xent (Chen et al. 2020). The
 * candidates c are the other half of the same face and all halves of other persons, so that no constant can make it small.
 * Other faces of the same person are no candidates where classes are known.
 */
export const contrastive = defineSymmetryTerm(
  {
    name: 'contrastive',
    source: 'van den Oord et al. 2018, arXiv 1807.03748; Chen et al. 2020, arXiv 2002.05709',
    needsWholeFaces: false,
    hyperparameters: {
      temperature: { meaning: 'T, what cosines are divided by', default: 0.1, minimum: 0.005, maximum: 10 },
    },
  },
  (faces, { temperature }) => {
    const slots = faces.weights.shape[0];
    const halves = unitVectors(tf.concat([faces.left, faces.right], 0), 1); // [2P, D]
    const cosines = tf.matMul<tf.Tensor2D>(halves, halves, false, true);
    const other = withoutGradient(() => otherHalves(slots)); // [2P, 2P]
    const excluded = withoutGradient(() => tf.mul(tf.sub(1, candidates(faces, other)), EXCLUDED));
    const logits = tf.sub<tf.Tensor2D>(tf.div(cosines, temperature), excluded);
    const losses = tf.neg(tf.sum<tf.Tensor1D>(tf.mul(tf.logSoftmax(logits), other), 1)); // [2P] ℓ
    const ofFaces = tf.sum<tf.Tensor1D>(tf.reshape(losses, [2, slots]), 0); // ℓ(l, r) + ℓ(r, l)
    return halvedMean(ofFaces, faces.weights);
  },
);

/** [2P, 2P] 1 where the column is the other half of the row's face. */
function otherHalves(slots: number): tf.Tensor2D {
  const rows = tf.expandDims(tf.range(0, 2 * slots, 1, 'int32'), 1);
  const columns = tf.range(0, 2 * slots, 1, 'int32');
  return tf.cast(tf.equal(tf.abs(tf.sub(rows, columns)), slots), 'float32');
}

/** [2P, 2P] 1 where the column's half is compared with the row's: the other half of its face, or one of another person. */
function candidates({ weights, labels }: SplitFaceEmbeddings, other: tf.Tensor2D): tf.Tensor2D {
  const slots = weights.shape[0];
  const isUsed = twice(tf.cast(tf.greater(weights, 0), 'float32')); // [2P]
  const persons = twice(labels ?? tf.range(0, slots, 1, 'int32'));
  const isAnother = tf.cast(tf.notEqual(tf.expandDims(persons, 1), persons), 'float32');
  return tf.mul(tf.add(isAnother, other), isUsed);
}

function twice(values: tf.Tensor1D): tf.Tensor1D {
  return tf.concat([values, values], 0);
}
