import { defineSymmetryTerm, halvedMean, squaredDistances } from '../symmetry-term.js';

/**
 * L_ρ = 1/(2 pN_sym) Σ ρ_i ‖E(x_i^l) - E(x_i^r)‖², SymFace Eq. 10 of the backbone's output as it comes. It grows with the square
 * of the embeddings' length, and is made small by making embeddings short.
 */
export const raw = defineSymmetryTerm(
  { name: 'raw', source: 'SymFace Eq. 10, E(x) as it comes', needsWholeFaces: false, hyperparameters: {} },
  ({ left, right, weights }) => halvedMean(squaredDistances(left, right), weights),
);
