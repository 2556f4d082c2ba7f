import * as tf from '@tensorflow/tfjs';

import type { FaceLoss, FaceLossBatch, FaceLossState } from './face-loss.js';
import { requireWithin } from './hyperparameter.js';
import { symmetryLoss, type SymmetryOptions } from './symmetry.js';

/**
 * A batch with P slots for split faces: its first P samples are left halves, the next P the right halves of the same
 * faces, the rest full faces. Labels and mask go with the samples. An unused slot may hold two full faces or padding.
 */
export interface SymFaceBatch extends FaceLossBatch {
  /** [P] frontness ρ of each split face, in (0, 1]; 0 for an unused slot. P may be 0. */
  readonly rho: tf.Tensor1D;
}

type SplitFaces = Pick<SymFaceBatch, 'embeddings' | 'rho'>;

export interface SymFaceOptions extends SymmetryOptions {
  /** Factor of L_ρ, 0 or more; 0 trains on split faces with the face loss alone (Table 4). Default: 1, Eq. 12. */
  readonly symmetryWeight?: number;
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
 * @throws RangeError where an option is out of its range or the batch is shorter than 2P
 */
export function symFaceLoss(
  faceLoss: FaceLoss,
  batch: SymFaceBatch,
  previous: FaceLossState,
  { symmetryWeight = 1, compare = 'raw' }: SymFaceOptions = {},
): SymFaceResult {
  requireSymFace(batch, symmetryWeight);
  return tf.tidy(() => {
    const { loss: meanFaceLoss, state } = faceLoss.compute(batch, previous); // L_f
    const symmetry = symmetryOfHalves(batch, compare); // L_ρ
    const loss = tf.add<tf.Scalar>(meanFaceLoss, tf.mul(symmetry, symmetryWeight)); // L_f + L_ρ   (Eq. 12)
    return { loss, faceLoss: meanFaceLoss, symmetryLoss: symmetry, state };
  });
}

/**
 * The symmetry term where there is no face loss, whose part is then 0.
 *
 * @throws RangeError as {@link symFaceLoss}
 */
export function symmetryAlone(
  batch: SplitFaces,
  { symmetryWeight = 1, compare = 'raw' }: SymFaceOptions = {},
): SymFaceResult {
  requireSymFace(batch, symmetryWeight);
  return tf.tidy(() => {
    const symmetry = symmetryOfHalves(batch, compare);
    const loss = tf.mul<tf.Scalar>(symmetry, symmetryWeight);
    return { loss, faceLoss: tf.scalar(0), symmetryLoss: symmetry, state: {} };
  });
}

function requireSymFace({ embeddings, rho }: SplitFaces, symmetryWeight: number): void {
  requireWithin('symmetryWeight', symmetryWeight, 0, 1e6);
  const [slots] = rho.shape;
  const [samples] = embeddings.shape;
  if (samples < 2 * slots) throw new RangeError(`${slots} split faces need more than ${samples} samples`);
}

function symmetryOfHalves(
  { embeddings, rho }: SplitFaces,
  compare: NonNullable<SymmetryOptions['compare']>,
): tf.Scalar {
  const [slots] = rho.shape;
  const [, dimension] = embeddings.shape;
  const left = tf.slice(embeddings, [0, 0], [slots, dimension]);
  const right = tf.slice(embeddings, [slots, 0], [slots, dimension]);
  return symmetryLoss(left, right, rho, { compare });
}
