import type { FaceLossCase } from './face-loss-cases.js';

/** Two classes, along the axes; label 0 throughout, so that a sample's angle to its class is its angle to (1, 0). */
export const edgeWeight = [
  [2, 0],
  [0, 3],
];
/** An embedding at that angle to class 0. */
export const at = (angle: number, norm: number): number[] => [norm * Math.cos(angle), norm * Math.sin(angle)];
/** One sample of class 0. */
export const one = (embedding: number[], changed: Partial<FaceLossCase> = {}): FaceLossCase => ({
  embeddings: [embedding],
  weight: edgeWeight,
  labels: [0],
  ...changed,
});

/** What makes a careless loss or gradient NaN or infinite. */
export const EDGE_CASES: readonly [string, FaceLossCase][] = [
  ['θ = 0', one([5, 0])],
  ['θ = π', one([-5, 0])],
  ['θ a hair from 0', one([5, 1e-6])],
  ['θ a hair from π', one([-5, 1e-6])],
  ['θ + m > π', one(at(3, 5))],
  ['θ + m = π', one(at(Math.PI - 0.5, 5))],
  ['a zero embedding', one([0, 0])],
  ['a norm of 1e-20', one(at(1, 1e-20))],
  ['a norm of 1e15', one(at(1, 1e15))],
  ['a norm of 1e18', one(at(1, 1e18))],
  ['a norm whose square overflows', one(at(1, 1e30))],
  [
    'a zero class weight',
    one(at(1, 5), {
      weight: [
        [0, 1],
        [0, 1],
      ],
    }),
  ],
  ['a cosine beyond 1 by rounding', one([0.1, 0.7], { weight: [[0.1], [0.7]] })],
  ['one class only', one(at(1, 5), { weight: [[1], [1]] })],
  ['equal embeddings, so no spread of norms', one([], { embeddings: [at(1, 5), at(1, 5)], labels: [0, 1] })],
  ['padding only', one(at(1, 5), { sampleMask: [0] })],
  [
    'zero padding beside a sample',
    one([], { embeddings: [at(1, 5), [0, 0]], labels: [0, 0], sampleMask: [1, 0] }),
  ],
];
