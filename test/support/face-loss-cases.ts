import * as tf from '@tensorflow/tfjs';

import type { FaceLoss, FaceLossBatch, FaceLossState } from '../../src/learning/losses/face-loss.js';

/** A face loss's operands as plain numbers. */
export interface FaceLossCase {
  /** B rows of D */
  readonly embeddings: readonly (readonly number[])[];
  /** D rows of C: a column a class */
  readonly weight: readonly (readonly number[])[];
  readonly labels: readonly number[];
  /** Default: no padding. */
  readonly sampleMask?: readonly number[];
  /** Default: the loss's initial state. */
  readonly state?: Readonly<Record<string, number>>;
  /** What the loss trains beside the class weights. Default: 0 each. */
  readonly scalars?: Readonly<Record<string, number>>;
}

export interface FaceLossEvaluation {
  readonly loss: number;
  readonly embeddingGradient: number[][];
  readonly weightGradient: number[][];
  /** By the names of the loss's scalars. */
  readonly scalarGradients: Readonly<Record<string, number>>;
  readonly state: Readonly<Record<string, number>>;
}

type TrainableBatch = (
  embeddings: tf.Tensor2D,
  weight: tf.Tensor2D,
  scalars?: Readonly<Record<string, tf.Scalar>>,
) => FaceLossBatch;

const rowsOf = (rows: readonly (readonly number[])[]): tf.Tensor2D =>
  tf.tensor2d(rows.map((row) => [...row]));

/** The operands that are not trained, as a function of those that are. */
export function batchOf({ labels, sampleMask = labels.map(() => 1) }: FaceLossCase): TrainableBatch {
  const fixed = {
    labels: tf.tensor1d([...labels], 'int32'),
    sampleMask: tf.tensor1d([...sampleMask]),
  };
  return (embeddings, weight, scalars = {}) => ({ embeddings, weight, scalars, ...fixed });
}

export function stateOf(statistics: Readonly<Record<string, number>>): FaceLossState {
  return Object.fromEntries(Object.entries(statistics).map(([name, value]) => [name, tf.scalar(value)]));
}

/** The loss, its gradients and its next state, computed eagerly. */
export function evaluateFaceLoss(faceLoss: FaceLoss, operands: FaceLossCase): FaceLossEvaluation {
  const batch = batchOf(operands);
  const state = stateOf(operands.state ?? faceLoss.initialState);
  const [embeddings, weight] = [rowsOf(operands.embeddings), rowsOf(operands.weight)];
  const { scalars: names = [] } = faceLoss;
  const named = (values: readonly tf.Tensor[]) =>
    Object.fromEntries(names.map((name, index) => [name, values[index] as tf.Scalar]));
  const scalars = names.map((name) => tf.scalar(operands.scalars?.[name] ?? 0));
  const { value, grads } = tf.valueAndGrads(
    (x, w, ...rest) => faceLoss.compute(batch(x as tf.Tensor2D, w as tf.Tensor2D, named(rest)), state).loss,
  )([embeddings, weight, ...scalars]);
  const next = faceLoss.compute(batch(embeddings, weight, named(scalars)), state).state;
  return {
    loss: value.dataSync()[0]!,
    embeddingGradient: grads[0]!.arraySync() as number[][],
    weightGradient: grads[1]!.arraySync() as number[][],
    scalarGradients: numbersOf(named(grads.slice(2))),
    state: numbersOf(next),
  };
}

function numbersOf(scalars: Readonly<Record<string, tf.Scalar>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(scalars).map(([name, scalar]) => [name, scalar.dataSync()[0]!]));
}
