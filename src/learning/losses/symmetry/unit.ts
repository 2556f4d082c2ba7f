import { defineSymmetryTerm, halvedMean, squaredDistances } from '../symmetry-term.js';
import { unitVectors } from '../unit-vectors.js';

/**
 * L_ρ = 1/(2 pN_sym) Σ ρ_i ‖u(x_i^l) - u(x_i^r)‖² of unit embeddings u = E / ‖E‖: SymFace Eq. 10 where E(x) is what the network
 * puts out in AdaFace's code, which normalises. Lengths neither matter nor shrink.
 */
export const unit = defineSymmetryTerm(
  {
    name: 'unit',
    source: 'SymFace Eq. 10, E(x) of unit length',
    needsWholeFaces: false,
    hyperparameters: {},
  },
  ({ left, right, weights }) =>
    halvedMean(squaredDistances(unitVectors(left, 1), unitVectors(right, 1)), weights),
);
