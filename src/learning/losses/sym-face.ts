import * as tf from '@tensorflow/tfjs';

import { withoutGradient } from './custom-gradients.js';
import type { FaceLoss, FaceLossBatch, FaceLossState } from './face-loss.js';
import { type HyperparameterValues, requireWithin } from './hyperparameter.js';
import type { SymmetryTerm } from './symmetry-term.js';
import { createSymmetryTerm, type SymmetryTermName } from './symmetry-terms.js';

/**
 * A batch with P slots for split faces: its first P samples are left halves, the next P the right halves of the same
 * faces, for terms that ask for them the next P the same faces whole, the rest other full faces. Labels and mask go with
 * the samples. An unused slot may hold full faces or padding.
 */
export interface SymFaceBatch extends FaceLossBatch {
  /** [P] frontness ρ of each split face, or what stands for it, in (0, 1]; 0 for an unused slot. P may be 0. */
  readonly rho: tf.Tensor1D;
}

type SplitFaces = Pick<SymFaceBatch, 'embeddings' | 'rho'> & Partial<Pick<SymFaceBatch, 'labels'>>;

export interface SymFaceOptions {
  /** Factor of L_ρ, 0 or more; 0 trains on split faces with the face loss alone (Table 4). Default: 1, Eq. 12. */
  readonly symmetryWeight?: number;
  /** The term: what of the halves is compared with what. Default: raw, Eq. 10 as it is printed. */
  readonly compare?: SymmetryTermName;
  /** The term's own. Default: its defaults */
  readonly hyperparameters?: HyperparameterValues;
  /**
   * Which samples running statistics are of, those of batch norm as those of face losses (AdaFace's μ and σ): halves have
   * black padding and shorter embeddings, and are never seen in serving. Default: all, as the paper's code would.
   */
  readonly statistics?: 'all' | 'full-faces';
}

export interface SymFaceResult {
  /** L_total (Eq. 12) */
  readonly loss: tf.Scalar;
  /** L_f (Eq. 11) */
  readonly faceLoss: tf.Scalar;
  /** L_ρ (Eq. 10), without its factor */
  readonly symmetryLoss: tf.Scalar;
  /** The face loss's statistics for the next step */
  readonly state: FaceLossState;
}

/**
 * A face loss with SymFace's symmetry term (Eq. 12).
 * @throws RangeError where an option is out of its range or the batch is shorter than its slots
 */
export function symFaceLoss(
  faceLoss: FaceLoss,
  batch: SymFaceBatch,
  previous: FaceLossState,
  options: SymFaceOptions = {},
): SymFaceResult {
  const { symmetryWeight = 1, statistics = 'all' } = options;
  const term = requiredTerm(batch, options);
  return tf.tidy(() => {
    const counted = statistics === 'all' ? {} : { statisticsMask: ofFullFaces(batch) };
    const { loss: meanFaceLoss, state } = faceLoss.compute({ ...batch, ...counted }, previous); // L_f
    const symmetry = symmetryOfHalves(batch, term); // L_ρ
    const loss = tf.add<tf.Scalar>(meanFaceLoss, tf.mul(symmetry, symmetryWeight)); // L_f + L_ρ   (Eq. 12)
    return { loss, faceLoss: meanFaceLoss, symmetryLoss: symmetry, state };
  });
}

/**
 * The symmetry term where there is no face loss, whose part is then 0.
 *
 * @throws RangeError as {@link symFaceLoss}
 */
export function symmetryAlone(batch: SplitFaces, options: SymFaceOptions = {}): SymFaceResult {
  const term = requiredTerm(batch, options);
  return tf.tidy(() => {
    const symmetry = symmetryOfHalves(batch, term);
    const loss = tf.mul<tf.Scalar>(symmetry, options.symmetryWeight ?? 1);
    return { loss, faceLoss: tf.scalar(0), symmetryLoss: symmetry, state: {} };
  });
}

/** [B] 1 for a sample that is neither a half nor padding. */
function ofFullFaces(batch: SymFaceBatch): tf.Tensor1D {
  return withoutGradient(() => tf.mul<tf.Tensor1D>(batch.sampleMask, fullFaces(batch)));
}

/**
 * [B] 1 for a sample that shows a whole face (also where it is padding), 0 for a half.
 *
 * @param rho [P] of the batch's slots; above 0 where a slot is used
 * @param embeddings [B, …] anything with a row for each sample
 */
export function fullFaces({
  rho,
  embeddings,
}: {
  rho: tf.Tensor1D;
  embeddings: tf.Tensor2D | tf.Tensor4D;
}): tf.Tensor1D {
  return withoutGradient(() => {
    const isSplit = tf.cast<tf.Tensor1D>(tf.greater(rho, 0), 'float32');
    const others = tf.zeros<tf.Rank.R1>([embeddings.shape[0] - 2 * rho.shape[0]]);
    return tf.sub<tf.Tensor1D>(1, tf.concat([isSplit, isSplit, others], 0));
  });
}

function requiredTerm({ embeddings, rho }: SplitFaces, options: SymFaceOptions): SymmetryTerm {
  const { symmetryWeight = 1, compare = 'raw', hyperparameters } = options;
  requireWithin('symmetryWeight', symmetryWeight, 0, 1e6);
  const term = createSymmetryTerm(compare, hyperparameters);
  const [slots] = rho.shape;
  const [samples] = embeddings.shape;
  if (samples < samplesPerSplitFace(term) * slots)
    throw new RangeError(`${slots} split faces need more than ${samples} samples`);
  return term;
}

/** How many samples of a batch a split face takes: its halves, and the whole where the term asks for it. */
export function samplesPerSplitFace({ needsWholeFaces }: Pick<SymmetryTerm, 'needsWholeFaces'>): 2 | 3 {
  return needsWholeFaces ? 3 : 2;
}

function symmetryOfHalves({ embeddings, rho, labels }: SplitFaces, term: SymmetryTerm): tf.Scalar {
  const [slots] = rho.shape;
  const [, dimension] = embeddings.shape;
  const part = (index: number): tf.Tensor2D => tf.slice(embeddings, [index * slots, 0], [slots, dimension]);
  return term.compute({
    left: part(0),
    right: part(1),
    ...(term.needsWholeFaces ? { whole: part(2) } : {}),
    weights: rho,
    ...(labels === undefined ? {} : { labels: tf.slice(labels, 0, slots) }),
  });
}
