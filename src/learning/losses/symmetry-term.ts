import * as tf from '@tensorflow/tfjs';

import { type Hyperparameter, type HyperparameterValues, requireHyperparameter } from './hyperparameter.js';

/** The embeddings of a batch's split faces in P slots, as the backbone gives them: not normalised. */
export interface SplitFaceEmbeddings {
  /** [P, D] of the image-left halves */
  readonly left: tf.Tensor2D;
  /** [P, D] of the right halves of the same faces */
  readonly right: tf.Tensor2D;
  /** [P, D] of the same faces, whole; there where the term asks for them. */
  readonly whole?: tf.Tensor2D;
  /** [P] ρ, or what stands for it, in (0, 1]; 0 marks an unused slot, which counts nowhere. */
  readonly weights: tf.Tensor1D;
  /** [P] int32, the class of each face; absent where there are no classes. */
  readonly labels?: tf.Tensor1D;
}

/** A symmetry term L_ρ with its hyperparameters. It holds no tensors, so that a step can be traced. */
export interface SymmetryTerm {
  /** Whether batches must show split faces whole, too. */
  readonly needsWholeFaces: boolean;
  /** @returns scalar; 0 (never NaN) where every slot is unused */
  compute(faces: SplitFaceEmbeddings): tf.Scalar;
}

interface SymmetryTermDescription<Name extends string, Names extends string> {
  /** What `symmetry.compare` of training configurations calls it: lower-case letters and digits. */
  readonly name: Name;
  /** The paper and the equation. */
  readonly source: string;
  readonly needsWholeFaces: boolean;
  readonly hyperparameters: Readonly<Record<Names, Hyperparameter>>;
}

/**
 * Makes a symmetry term of its hyperparameters, with defaults for those that are not given.
 *
 * @throws RangeError for a hyperparameter that the term does not have or that is out of its bounds
 */
export interface DefinedSymmetryTerm<Name extends string = string, Names extends string = string> {
  (hyperparameters?: Partial<HyperparameterValues<Names>>): SymmetryTerm;
  readonly description: SymmetryTermDescription<Name, Names>;
}

/**
 * A symmetry term as training configurations find it: every file of `src/learning/losses/symmetry` exports one, under
 * the file's name in camel case.
 *
 * @param compute the term of all its hyperparameters, which are within their bounds
 */
export function defineSymmetryTerm<const Name extends string, Names extends string>(
  description: SymmetryTermDescription<Name, Names>,
  compute: (faces: SplitFaceEmbeddings, hyperparameters: HyperparameterValues<Names>) => tf.Scalar,
): DefinedSymmetryTerm<Name, Names> {
  const bounds = Object.entries<Hyperparameter>(description.hyperparameters);
  const make = (given: Partial<HyperparameterValues<Names>> = {}): SymmetryTerm => {
    const values = new Map<string, number | undefined>(Object.entries(given));
    const unknown = [...values.keys()].find((name) => !Object.hasOwn(description.hyperparameters, name));
    if (unknown !== undefined)
      throw new RangeError(`the symmetry term ${description.name} has no setting ${unknown}`);
    const all = bounds.map(([name, hyperparameter]) => {
      const value = values.get(name) ?? hyperparameter.default;
      requireHyperparameter(name, value, hyperparameter);
      return [name, value] as const;
    });
    const complete = Object.fromEntries(all) as HyperparameterValues<Names>;
    const { needsWholeFaces } = description;
    return { needsWholeFaces, compute: (faces) => tf.tidy(() => compute(faces, complete)) };
  };
  return Object.assign(make, { description });
}

/**
 * 1/(2 pN_sym) Σ ρ_i d_i of Eq. 10; pN_sym, the number of faces split in an epoch, is here the number split in the batch.
 *
 * @param values [P] d_i, finite also for unused slots
 * @param weights [P] ρ_i, 0 for unused slots
 * @returns scalar; 0 where every slot is unused
 */
export function halvedMean(values: tf.Tensor1D, weights: tf.Tensor1D): tf.Scalar {
  const splitCount = tf.sum(tf.cast(tf.greater(weights, 0), 'float32')); // pN_sym
  return tf.div(tf.sum(tf.mul(weights, values)), tf.mul(tf.maximum(splitCount, 1), 2));
}

/** [P] ‖a_i - b_i‖² of the rows of two arrays [P, D]. */
export function squaredDistances(a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor1D {
  return tf.sum<tf.Tensor1D>(tf.square(tf.sub(a, b)), 1);
}
