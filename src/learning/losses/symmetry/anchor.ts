import { withoutGradient } from '../custom-gradients.js';
import { defineSymmetryTerm, halvedMean, squaredDistances } from '../symmetry-term.js';
import { unitVectors } from '../unit-vectors.js';
import * as tf from '@tensorflow/tfjs';

/**
 * L_ρ = 1/(2 pN_sym) Σ ρ_i ½ (‖u(x_i^l) - sg u(x_i)‖² + ‖u(x_i^r) - sg u(x_i)‖²): each half is pulled to where the network has
 * the whole face now. sg stops the gradient, so that whole faces are not pulled to what halves lack; the face loss alone
 * moves them. Where both halves meet at the face, they meet each other.
 */
export const anchor = defineSymmetryTerm(
  {
    name: 'anchor',
    source: 'SymFace Eq. 10 with the whole face, detached, between the halves',
    needsWholeFaces: true,
    hyperparameters: {},
  },
  ({ left, right, whole, weights }) => {
    if (whole === undefined) throw new RangeError('the symmetry term anchor needs whole faces in the batch');
    const target = withoutGradient(() => unitVectors(whole, 1)); // sg u(x_i)
    const distances = tf.add<tf.Tensor1D>(
      squaredDistances(unitVectors(left, 1), target),
      squaredDistances(unitVectors(right, 1), target),
    );
    return halvedMean(tf.mul(distances, 0.5), weights);
  },
);
