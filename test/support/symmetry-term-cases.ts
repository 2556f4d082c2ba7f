import * as tf from '@tensorflow/tfjs';

import type { SymmetryTerm } from '../../src/learning/losses/symmetry-term.js';
import { centralDifferences, type Rows } from './float64-losses.js';

/** Split faces as plain numbers; rows are embeddings. */
export interface SplitFaceCase {
  readonly left: Rows;
  readonly right: Rows;
  readonly whole?: Rows;
  readonly weights: readonly number[];
  readonly labels?: readonly number[];
}

/** A term's value and its gradients with respect to the halves, and to the whole faces where there are some. */
export function evaluateTerm(term: SymmetryTerm, { left, right, whole, weights, labels }: SplitFaceCase) {
  const rows = [left, right, ...(whole === undefined ? [] : [whole])];
  const { value, grads } = tf.valueAndGrads((l, r, w) => {
    const computed = term.compute({
      left: l as tf.Tensor2D,
      right: r as tf.Tensor2D,
      ...(whole === undefined ? {} : { whole: w as tf.Tensor2D }),
      weights: tf.tensor1d([...weights]),
      ...(labels === undefined ? {} : { labels: tf.tensor1d([...labels], 'int32') }),
    });
    // tfjs refuses to differentiate by what has no part in a value: whole faces have none in most terms.
    return whole === undefined ? computed : tf.add(computed, tf.mul(tf.sum(w), 0));
  })(rows.map((part) => tf.tensor2d(part.map((row) => [...row]))));
  const [leftGradient, rightGradient, wholeGradient] = grads.map(
    (gradient) => gradient.arraySync() as number[][],
  );
  return {
    value: value.dataSync()[0]!,
    leftGradient: leftGradient!,
    rightGradient: rightGradient!,
    wholeGradient,
  };
}

/** Four faces of three persons, the third slot unused, the first two of one person. */
export const someSplitFaces: SplitFaceCase = {
  left: [
    [1, 2, 0.5],
    [0.5, 2, -1],
    [7, 7, 7],
    [-2, 0.5, 1],
  ],
  right: [
    [1, 0.5, 1],
    [1.5, 1, 0.5],
    [-7, 9, 3],
    [-1, 2, -1],
  ],
  whole: [
    [1.5, 1.5, 1],
    [1, 2, 0.5],
    [1, 1, 1],
    [-2, 1.5, 0.5],
  ],
  weights: [0.5, 0.2, 0, 0.9],
  labels: [0, 0, 1, 2],
};

/** The gradient of a function in 64 bits with respect to each half, by central differences. */
export function differencesOf(
  reference: (faces: SplitFaceCase) => number,
  faces: SplitFaceCase,
): Record<'left' | 'right', Rows> {
  return {
    left: centralDifferences((left) => reference({ ...faces, left }), faces.left),
    right: centralDifferences((right) => reference({ ...faces, right }), faces.right),
  };
}

export const unitRow = (row: readonly number[]): number[] => row.map((value) => value / Math.hypot(...row));
export const dotRow = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, index) => sum + value * b[index]!, 0);
export const squaredDistance = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, index) => sum + (value - b[index]!) ** 2, 0);
/** 1/(2n) Σ w d of Eq. 10. */
export function halved(weights: readonly number[], distance: (face: number) => number): number {
  const used = [...weights.keys()].filter((face) => weights[face]! > 0);
  return used.reduce((sum, face) => sum + weights[face]! * distance(face), 0) / (2 * used.length);
}
