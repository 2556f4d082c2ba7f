import * as tf from '@tensorflow/tfjs';

import type { ForwardMode, Variables } from '../layers/forward-pass.js';
import { withNestedGradients } from '../layers/recomputed.js';
import { distillationLoss } from '../losses/distillation.js';
import type { FaceLossState } from '../losses/face-loss.js';
import { fullFaces, symFaceLoss, symmetryAlone, type SymFaceResult } from '../losses/sym-face.js';
import {
  HEAD,
  headScalarName,
  type TrainingSpec,
  trainedParametersOf,
  lossStatistics,
} from './training-spec.js';
import { lossStateName, TARGET_MASK, TARGETS } from './step-definition.js';

/** The gradients of one batch, and what came of the batch beside them. */
export interface Gradients {
  /** All but the gradient's, in their order. */
  readonly figures: readonly tf.Scalar[];
  /** One for each parameter that is trained. */
  readonly gradients: readonly tf.Tensor[];
  /** Statistics of the backbone and of the face loss for the next step. */
  readonly state: Variables;
}

/** @param given inputs of a step by name @param parameters those that are trained, in the order of the spec's */
export function gradientsOf(
  spec: TrainingSpec,
  given: Variables,
  parameters: readonly tf.Tensor[],
): Gradients {
  const names = trainedParametersOf(spec).map(({ name }) => name);
  return gradientsBy(names, parameters, given, (all) => lossOfBatch(spec, all), spec.recompute);
}

/**
 * The gradients of a loss by some of what it is computed from.
 * @param recompute whether layers within are evaluated once more on the way back
 */
export function gradientsBy(
  names: readonly string[],
  values: readonly tf.Tensor[],
  given: Variables,
  lossOf: (given: Variables) => LossOfBatch,
  recompute = false,
): Gradients {
  const take = (): Gradients => takenGradients(names, values, given, lossOf);
  if (!recompute) return take();
  let stateNames: readonly string[] = [];
  const { figures, gradients, state } = withNestedGradients(() => {
    const taken = take();
    stateNames = Object.keys(taken.state);
    return { ...taken, state: Object.values(taken.state) };
  });
  return { figures, gradients, state: byName(stateNames, state) };
}

function takenGradients(
  names: readonly string[],
  values: readonly tf.Tensor[],
  given: Variables,
  lossOf: (given: Variables) => LossOfBatch,
): Gradients {
  const scale = given['lossScale'];
  let figures: readonly tf.Scalar[] = [];
  let state: Variables = {};
  const scalarOf = (...by: tf.Tensor[]): tf.Scalar => {
    const result = lossOf({ ...given, ...byName(names, by) });
    ({ figures, state } = result);
    // tfjs disposes of what else comes out of a function whose gradient is taken.
    for (const tensor of [...figures, ...Object.values(state)]) tf.keep(tensor);
    return scale === undefined ? result.loss : tf.mul<tf.Scalar>(result.loss, scale);
  };
  const { grads } = tf.valueAndGrads(scalarOf)([...values]);
  const gradients = scale === undefined ? grads : grads.map((gradient) => tf.div(gradient, scale));
  return { figures, gradients, state };
}

interface LossOfBatch {
  /** What the gradients are of */
  readonly loss: tf.Scalar;
  /** loss, faceLoss, symmetryLoss, and distillationLoss where there is a teacher */
  readonly figures: readonly tf.Scalar[];
  readonly state: Variables;
}

function lossOfBatch(spec: TrainingSpec, given: Variables): LossOfBatch {
  const { embeddings, statistics } = forwardOf(spec, given);
  const { loss, faceLoss, symmetryLoss, state } = lossOfEmbeddings(spec, embeddings, given);
  const { total, distillationLoss } = withTeacher(spec, loss, embeddings, given);
  const figures = [total, faceLoss, symmetryLoss, ...distillationLoss];
  return { loss: total, figures, state: { ...statistics, ...state } };
}

/** The embeddings of a batch, and the next statistics of the norms. */
export function forwardOf(
  spec: TrainingSpec,
  given: Variables,
): ReturnType<TrainingSpec['backbone']['forward']> {
  const images = tensorOf(given, 'images') as tf.Tensor4D;
  const dropoutMask = given['dropoutMask'] as tf.Tensor4D | undefined;
  return spec.backbone.forward(images, given, {
    normalisation: spec.normalisation,
    recompute: spec.recompute === true,
    synchronised: spec.synchronisedNorms === true,
    ...(dropoutMask === undefined ? {} : { dropoutMask }),
    ...statisticsMaskOf(spec, images, given),
  });
}

/** A loss with that by the teacher's embeddings, where there is one. */
export function withTeacher(
  { distillation }: TrainingSpec,
  loss: tf.Scalar,
  embeddings: tf.Tensor2D,
  given: Variables,
): { readonly total: tf.Scalar; readonly distillationLoss: readonly tf.Scalar[] } {
  if (distillation === undefined) return { total: loss, distillationLoss: [] };
  const targets = tensorOf(given, TARGETS) as tf.Tensor2D;
  const distilled = distillationLoss(embeddings, targets, tensorOf(given, TARGET_MASK) as tf.Tensor1D);
  const total = tf.add<tf.Scalar>(loss, tf.mul(distilled, distillation.weight));
  return { total, distillationLoss: [distilled] };
}

/** The mask of those that batch norm's statistics are of, where halves are kept out of them. */
function statisticsMaskOf(
  { normalisation, symmetry }: TrainingSpec,
  images: tf.Tensor4D,
  given: Variables,
): Pick<ForwardMode, 'statisticsMask'> {
  const rho = given['rho'] as tf.Tensor1D | undefined;
  if (normalisation === 'frozen' || symmetry.statistics !== 'full-faces' || rho === undefined) return {};
  return { statisticsMask: fullFaces({ rho, embeddings: images }) };
}

/** What needs no teacher. */
function lossOfEmbeddings(spec: TrainingSpec, embeddings: tf.Tensor2D, given: Variables): SymFaceResult {
  const { faceLoss, symmetry } = spec;
  const rho = (given['rho'] ?? tf.zeros([0])) as tf.Tensor1D;
  if (faceLoss === undefined) return symmetryAlone({ embeddings, rho }, symmetry);
  const scalars = (faceLoss.scalars ?? []).map((name): [string, tf.Scalar] => [
    name,
    tensorOf(given, headScalarName(name)) as tf.Scalar,
  ]);
  const batch = {
    embeddings,
    weight: tensorOf(given, HEAD) as tf.Tensor2D,
    labels: tensorOf(given, 'labels') as tf.Tensor1D,
    sampleMask: tensorOf(given, 'sampleMask') as tf.Tensor1D,
    rho,
    ...(scalars.length === 0 ? {} : { scalars: Object.fromEntries(scalars) }),
  };
  const result = symFaceLoss(faceLoss, batch, lossStateIn(spec, given), symmetry);
  return { ...result, state: namedLossState(result.state) };
}

/** The face loss's statistics among the inputs of a step, by its own names. */
export function lossStateIn(spec: TrainingSpec, given: Variables): FaceLossState {
  return Object.fromEntries(
    lossStatistics(spec).map((name) => [name, tensorOf(given, lossStateName(name)) as tf.Scalar]),
  );
}

/** The face loss's statistics by the names that they have in a step. */
export function namedLossState(state: FaceLossState): FaceLossState {
  return Object.fromEntries(Object.entries(state).map(([name, tensor]) => [lossStateName(name), tensor]));
}

/** @throws RangeError where there is none of the name */
export function tensorOf(tensors: Variables, name: string): tf.Tensor {
  const tensor = tensors[name];
  if (tensor === undefined) throw new RangeError(`a training step needs ${name}`);
  return tensor;
}

/** @throws RangeError where there are fewer tensors than names */
export function byName(names: readonly string[], tensors: readonly tf.Tensor[]): Variables {
  return Object.fromEntries(
    names.map((name, index) => {
      const tensor = tensors[index];
      if (tensor === undefined) throw new RangeError(`a training step needs ${name}`);
      return [name, tensor];
    }),
  );
}
