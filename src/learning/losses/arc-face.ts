import * as tf from '@tensorflow/tfjs';

import { monotonicCosineOfSum } from './angles.js';
import { classCosines, meanCrossEntropy, withTargetCosines } from './class-logits.js';
import type { FaceLoss } from './face-loss.js';
import { requireScale, requireWithin } from './hyperparameters.js';

export interface ArcFaceOptions {
  /** s, above 0. */
  readonly scale?: number;
  /** m, added to the angle, 0 to π/2. */
  readonly marginRadians?: number;
}

export const ARC_FACE_DEFAULTS: Required<ArcFaceOptions> = { scale: 64, marginRadians: 0.5 };

/** What SymFace trains its lightweight networks with (section 4.2); the defaults are for the heavy ones. */
export const LIGHTWEIGHT_ARC_FACE: ArcFaceOptions = { scale: 32, marginRadians: 0.45 };

/**
 * ArcFace (Deng et al. 2019; SymFace Eq. 5), in its classic form that falls with θ up to π.
 *
 * @throws RangeError where an option is out of its range
 */
export function arcFace(options: ArcFaceOptions = {}): FaceLoss {
  const { scale, marginRadians } = { ...ARC_FACE_DEFAULTS, ...options };
  requireScale(scale);
  requireWithin('marginRadians', marginRadians, 0, Math.PI / 2);
  return {
    initialState: {},
    compute: (batch, state) =>
      tf.tidy(() => {
        const classes = classCosines(batch);
        const target = monotonicCosineOfSum(classes.targetCosines, marginRadians); // cos(θ_y + m)   (Eq. 5)
        const logits = tf.mul<tf.Tensor2D>(withTargetCosines(classes.cosines, classes, target), scale);
        return { loss: meanCrossEntropy(logits, classes.targets, batch.sampleMask), state };
      }),
  };
}
