import * as tf from '@tensorflow/tfjs';

import { classCosines, meanCrossEntropy, withTargetCosines } from './class-logits.js';
import type { FaceLoss } from './face-loss.js';
import { requireScale, requireWithin } from './hyperparameters.js';

export interface CosFaceOptions {
  /** s, above 0. */
  readonly scale?: number;
  /** m, subtracted from the cosine, 0 to 2. */
  readonly marginCosine?: number;
}

export const COS_FACE_DEFAULTS: Required<CosFaceOptions> = { scale: 64, marginCosine: 0.4 };

/**
 * CosFace (Wang et al. 2018; SymFace Eq. 3). The numerator of Eq. 3 as printed, s cos θ - m, has its bracket in the
 * wrong place: its own denominator and CosFace have s (cos θ - m).
 *
 * @throws RangeError where an option is out of its range
 */
export function cosFace(options: CosFaceOptions = {}): FaceLoss {
  const { scale, marginCosine } = { ...COS_FACE_DEFAULTS, ...options };
  requireScale(scale);
  requireWithin('marginCosine', marginCosine, 0, 2);
  return {
    initialState: {},
    compute: (batch, state) =>
      tf.tidy(() => {
        const classes = classCosines(batch);
        const target = tf.sub<tf.Tensor2D>(classes.targetCosines, marginCosine); // cos θ_y - m   (Eq. 3)
        const logits = tf.mul<tf.Tensor2D>(withTargetCosines(classes.cosines, classes, target), scale);
        return { loss: meanCrossEntropy(logits, classes.targets, batch.sampleMask), state };
      }),
  };
}
