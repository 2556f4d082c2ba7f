import * as tf from '@tensorflow/tfjs';

import type { ForwardMode, Variables } from '../layers/forward-pass.js';
import { distillationLoss } from '../losses/distillation.js';
import { fullFaces, symFaceLoss, symmetryAlone } from '../losses/sym-face.js';
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
  let parts: readonly tf.Scalar[] = [];
  let state: Variables = {};
  const lossOf = (...values: tf.Tensor[]): tf.Scalar => {
    const result = lossOfBatch(spec, { ...given, ...byName(names, values) });
    parts = result.parts;
    state = result.state;
    // tfjs disposes of what else comes out of a function whose gradient is taken.
    for (const tensor of [...parts, ...Object.values(state)]) tf.keep(tensor);
    return result.loss;
  };
  const { value, grads } = tf.valueAndGrads(lossOf)([...parameters]);
  return { figures: [value, ...parts], gradients: grads, state };
}

interface LossOfBatch {
  readonly loss: tf.Scalar;
  /** faceLoss, symmetryLoss, and distillationLoss where there is a teacher */
  readonly parts: readonly tf.Scalar[];
  readonly state: Variables;
}

function lossOfBatch(spec: TrainingSpec, given: Variables): LossOfBatch {
  const { backbone, normalisation } = spec;
  const images = tensorOf(given, 'images') as tf.Tensor4D;
  const dropoutMask = given['dropoutMask'] as tf.Tensor4D | undefined;
  const mode = {
    normalisation,
    ...(dropoutMask === undefined ? {} : { dropoutMask }),
    ...statisticsMaskOf(spec, images, given),
  };
  const { embeddings, statistics } = backbone.forward(images, given, mode);
  const { loss, parts, state } = lossOfEmbeddings(spec, embeddings, given);
  const all = { ...statistics, ...state };
  if (spec.distillation === undefined) return { loss, parts, state: all };
  const targets = tensorOf(given, TARGETS) as tf.Tensor2D;
  const distilled = distillationLoss(embeddings, targets, tensorOf(given, TARGET_MASK) as tf.Tensor1D);
  const total = tf.add<tf.Scalar>(loss, tf.mul(distilled, spec.distillation.weight));
  return { loss: total, parts: [...parts, distilled], state: all };
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
function lossOfEmbeddings(spec: TrainingSpec, embeddings: tf.Tensor2D, given: Variables): LossOfBatch {
  const { faceLoss, symmetry } = spec;
  const rho = (given['rho'] ?? tf.zeros([0])) as tf.Tensor1D;
  if (faceLoss === undefined) {
    const { loss, symmetryLoss, faceLoss: none } = symmetryAlone({ embeddings, rho }, symmetry);
    return { loss, parts: [none, symmetryLoss], state: {} };
  }
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
  const previous = Object.fromEntries(
    lossStatistics(spec).map((name) => [name, tensorOf(given, lossStateName(name)) as tf.Scalar]),
  );
  const result = symFaceLoss(faceLoss, batch, previous, symmetry);
  const state = Object.fromEntries(
    Object.entries(result.state).map(([name, tensor]) => [lossStateName(name), tensor]),
  );
  return { loss: result.loss, parts: [result.faceLoss, result.symmetryLoss], state };
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
