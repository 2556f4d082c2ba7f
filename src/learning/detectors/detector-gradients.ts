import * as tf from '@tensorflow/tfjs';

import type { Variables } from '../layers/forward-pass.js';
import { byName, tensorOf } from '../step/batch-gradients.js';
import { floatInput, gradientName, type StepFunction, type StepInput } from '../step/step-definition.js';
import { type AnchorTargets, multiBoxLoss, type MultiBoxWeights } from './multi-box-loss.js';
import type { DetectorNetwork } from './detector-network.js';

/** The terms that a step tells, in the order of the outputs. */
export const DETECTOR_FIGURES = ['loss', 'classLoss', 'boxLoss', 'landmarkLoss'] as const;

export interface DetectorGradientSpec {
  readonly network: DetectorNetwork;
  readonly batchSize: number;
  readonly lossWeights: MultiBoxWeights;
}

/**
 * Gradients of the multi-box loss over one batch, normalised by its own statistics: images, targets, weights and running
 * statistics go in; the figures, the gradients (by `gradientName`) and the next statistics come out.
 */
export function detectorGradients(spec: DetectorGradientSpec): StepFunction {
  const { network } = spec;
  const names = network.parameters.map(({ name }) => name);
  const statistics = network.statistics.map(({ name }) => name);
  const inputs = [
    ...batchInputs(spec),
    ...[...network.parameters, ...network.statistics].map(({ name, shape }) => floatInput(name, shape)),
  ];
  return {
    inputs,
    outputs: [...DETECTOR_FIGURES, ...names.map(gradientName), ...statistics],
    run: (...tensors) => {
      const given = byName(
        inputs.map(({ name }) => name),
        tensors,
      );
      const { figures, gradients, next } = gradientsOf(spec, given, names);
      return [...figures, ...gradients, ...statistics.map((name) => tensorOf(next, name))];
    },
  };
}

/** The slashes keep them apart from the names of the network's arrays. */
const TARGET_NAMES = {
  classes: 'targets/classes',
  boxes: 'targets/boxes',
  landmarks: 'targets/landmarks',
  landmarkMask: 'targets/landmark-mask',
} as const;

/** A batch as the host holds it, by the names of the inputs. */
export function arraysOfDetectorBatch(batch: {
  readonly images: Float32Array;
  readonly targets: Readonly<Record<keyof typeof TARGET_NAMES, Float32Array>>;
}): ReadonlyMap<string, Float32Array> {
  const { images, targets } = batch;
  return new Map([
    ['images', images],
    [TARGET_NAMES.classes, targets.classes],
    [TARGET_NAMES.boxes, targets.boxes],
    [TARGET_NAMES.landmarks, targets.landmarks],
    [TARGET_NAMES.landmarkMask, targets.landmarkMask],
  ]);
}

function batchInputs({ network, batchSize }: DetectorGradientSpec): readonly StepInput[] {
  const { width, height } = network.inputSize;
  const rows = [batchSize, network.anchors.length];
  return [
    floatInput('images', [batchSize, height, width, 3]),
    floatInput(TARGET_NAMES.classes, rows),
    floatInput(TARGET_NAMES.boxes, [...rows, 4]),
    floatInput(TARGET_NAMES.landmarks, [...rows, 10]),
    floatInput(TARGET_NAMES.landmarkMask, rows),
  ];
}

function gradientsOf(
  { network, lossWeights }: DetectorGradientSpec,
  given: Variables,
  names: readonly string[],
): { readonly figures: tf.Tensor[]; readonly gradients: tf.Tensor[]; readonly next: Variables } {
  const targets = targetsOf(given);
  let parts: tf.Scalar[] = [];
  let next: Variables = {};
  const lossOf = (...values: tf.Tensor[]): tf.Scalar => {
    const variables = { ...given, ...byName(names, values) };
    const images = tensorOf(given, 'images') as tf.Tensor4D;
    const output = network.forward(images, variables, { normalisation: 'live' });
    const { loss, classLoss, boxLoss, landmarkLoss } = multiBoxLoss(output, targets, lossWeights);
    parts = [classLoss, boxLoss, landmarkLoss];
    next = output.statistics;
    // tfjs disposes of what else comes out of a function whose gradient is taken.
    for (const tensor of [...parts, ...Object.values(next)]) tf.keep(tensor);
    return loss;
  };
  const { value, grads } = tf.valueAndGrads(lossOf)(names.map((name) => tensorOf(given, name)));
  return { figures: [value, ...parts], gradients: grads, next };
}

function targetsOf(given: Variables): AnchorTargets {
  return {
    classes: tensorOf(given, TARGET_NAMES.classes) as tf.Tensor2D,
    boxes: tensorOf(given, TARGET_NAMES.boxes) as tf.Tensor3D,
    landmarks: tensorOf(given, TARGET_NAMES.landmarks) as tf.Tensor3D,
    landmarkMask: tensorOf(given, TARGET_NAMES.landmarkMask) as tf.Tensor2D,
  };
}
