import * as tf from '@tensorflow/tfjs';

import { classCosines, meanCrossEntropy } from './class-logits.js';
import type { FaceLoss } from './face-loss.js';
import { requireScale } from './hyperparameters.js';

export interface NormFaceOptions {
  /** s, above 0. */
  readonly scale?: number;
}

/** The scale of the margin losses, so that only the margin tells them apart. */
export const NORM_FACE_DEFAULTS: Required<NormFaceOptions> = { scale: 64 };

/**
 * NormFace (Wang et al. 2017; SymFace Eq. 2): softmax cross entropy of scaled cosines, with no margin.
 *
 * @throws RangeError where an option is out of its range
 */
export function normFace(options: NormFaceOptions = {}): FaceLoss {
  const { scale } = { ...NORM_FACE_DEFAULTS, ...options };
  requireScale(scale);
  return {
    initialState: {},
    compute: (batch, state) =>
      tf.tidy(() => {
        const { cosines, targets } = classCosines(batch);
        const logits = tf.mul<tf.Tensor2D>(cosines, scale); // s cos θ_j   (Eq. 2)
        return { loss: meanCrossEntropy(logits, targets, batch.sampleMask), state };
      }),
  };
}
