import * as tf from '@tensorflow/tfjs';

import type { Variables } from '../layers/forward-pass.js';
import type { FaceLoss, FaceLossBatch } from '../losses/face-loss.js';
import { softmaxShare, splitFaceLoss } from '../losses/split-softmax.js';
import { symmetryAlone } from '../losses/sym-face.js';
import {
  byName,
  forwardOf,
  gradientsBy,
  lossStateIn,
  namedLossState,
  tensorOf,
  withTeacher,
} from './batch-gradients.js';
import {
  figuresOf,
  floatInput,
  gradientName,
  lossStateName,
  sampleInputs,
  type StepFunction,
  type StepInput,
  type TrainingStep,
} from './step-definition.js';
import { lastLayers } from './training-stages.js';
import { changingStatistics, HEAD, lossStatistics, type TrainingSpec } from './training-spec.js';

/** [N, D] of all processes' samples, or [B, D] of one's; the slash keeps names apart from those of backbones' arrays. */
export const EMBEDDINGS = 'split/embeddings';
export const EMBEDDING_GRADIENT = gradientName(EMBEDDINGS);
/** [N] of {@link SoftmaxShare} */
export const LOG_SUMS = 'split/logSums';
export const TARGET_LOGITS = 'split/targetLogits';
/** A scalar */
export const OTHER_LOSS = 'split/otherLoss';
/** [N] columns of the share, or -1 */
export const COLUMNS = 'split/columns';
/** [N] 1 for this process's samples */
export const OWN_MASK = 'split/ownMask';
/** [N] 1 for samples that the face loss's statistics are of */
export const STATISTICS_MASK = 'split/statisticsMask';
/** [N] 1/N' of the sample's batch; 0 for padding */
export const SAMPLE_WEIGHTS = 'split/sampleWeights';

/** The embeddings of a batch, which come before what the other processes have to say. */
export function embeddingStep(spec: TrainingSpec): StepFunction {
  const needed = new Set(['images', 'rho', 'dropoutMask']);
  const inputs = [...sampleInputs(spec).filter(({ name }) => needed.has(name)), ...backboneInputs(spec)];
  return {
    inputs,
    outputs: [EMBEDDINGS],
    run: named(inputs, (given) => [forwardOf(spec, given).embeddings]),
  };
}

/**
 * What a share of the classes adds to the softmax of the samples of all processes.
 * @param spec of the share, with the classes that a step is computed on
 * @param samples N
 */
export function softmaxShareStep(spec: TrainingSpec, samples: number): StepFunction {
  const faceLoss = requiredLoss(spec);
  const inputs = headInputs(spec, samples);
  return {
    inputs,
    outputs: [LOG_SUMS, TARGET_LOGITS, OTHER_LOSS],
    run: named(inputs, (given) => {
      const share = softmaxShare(faceLoss, headBatch(given), lossStateIn(spec, given));
      return [share.logSums, share.targetLogits, share.otherLoss];
    }),
  };
}

/** The gradients of a share's class weights, and what it adds to those of all embeddings. @param spec as for {@link softmaxShareStep} */
export function headGradientStep(spec: TrainingSpec, samples: number): StepFunction {
  const faceLoss = requiredLoss(spec);
  const inputs = [
    ...headInputs(spec, samples),
    floatInput(LOG_SUMS, [samples]),
    floatInput(SAMPLE_WEIGHTS, [samples]),
  ];
  const by = [HEAD, EMBEDDINGS];
  const statistics = lossStatistics(spec).map(lossStateName);
  return {
    inputs,
    outputs: [...by.map(gradientName), ...statistics],
    run: named(inputs, (given) => {
      const values = by.map((name) => tensorOf(given, name));
      const { gradients, state } = gradientsBy(by, values, given, (all) => {
        const result = splitFaceLoss(faceLoss, headBatch(all), lossStateIn(spec, all), {
          logSums: tensorOf(all, LOG_SUMS) as tf.Tensor1D,
          sampleWeights: tensorOf(all, SAMPLE_WEIGHTS) as tf.Tensor1D,
        });
        return { loss: result.loss, figures: [], state: namedLossState(result.state) };
      });
      return [...gradients, ...statistics.map((name) => tensorOf(state, name))];
    }),
  };
}

/**
 * The backbone's part of a step: the gradient of the face loss by the embeddings goes in. Figures are without the face loss. The
 * forward pass is computed once more, as ONNX Runtime cannot wait for other processes in the middle of a graph.
 */
export function backboneGradientStep(spec: TrainingSpec): TrainingStep {
  const { backbone, batch } = spec;
  const names = lastLayers(backbone.parameters, spec.trainedLayers ?? 1).map(({ name }) => name);
  const inputs = [
    ...sampleInputs(spec).filter(({ name }) => name !== 'sampleMask'),
    floatInput(EMBEDDING_GRADIENT, [batch.batchSize, backbone.embeddingSize]),
    ...backboneInputs(spec),
  ];
  const statistics = changingStatistics(spec).map(({ name }) => name);
  const figures = figuresOf(spec).filter((name) => name !== 'gradientNorm');
  return {
    inputs,
    figures,
    outputs: [...figures, ...names.map(gradientName), ...statistics],
    run: named(inputs, (given) => {
      const parameters = names.map((name) => tensorOf(given, name));
      const lossOf = (all: Variables) => lossOfBackbone(spec, all);
      if (names.length === 0) return [...lossOf(given).figures];
      const {
        figures: told,
        gradients,
        state,
      } = gradientsBy(names, parameters, given, lossOf, spec.recompute);
      return [...told, ...gradients, ...statistics.map((name) => tensorOf(state, name))];
    }),
  };
}

function lossOfBackbone(spec: TrainingSpec, given: Variables) {
  const { embeddings, statistics } = forwardOf(spec, given);
  const rho = (given['rho'] ?? tf.zeros([0])) as tf.Tensor1D;
  const labels = tensorOf(given, 'labels') as tf.Tensor1D;
  const symmetry = symmetryAlone({ embeddings, rho, labels }, spec.symmetry);
  const { total, distillationLoss } = withTeacher(spec, symmetry.loss, embeddings, given);
  const faceLoss = tf.sum<tf.Scalar>(tf.mul(embeddings, tensorOf(given, EMBEDDING_GRADIENT)));
  return {
    loss: tf.add<tf.Scalar>(total, faceLoss),
    figures: [total, tf.scalar(0), symmetry.symmetryLoss, ...distillationLoss],
    state: statistics,
  };
}

function backboneInputs({ backbone }: TrainingSpec): readonly StepInput[] {
  return [...backbone.parameters, ...backbone.statistics].map(({ name, shape }) => floatInput(name, shape));
}

function headInputs(spec: TrainingSpec, samples: number): readonly StepInput[] {
  const { embeddingSize } = spec.backbone;
  return [
    floatInput(EMBEDDINGS, [samples, embeddingSize]),
    { name: COLUMNS, shape: [samples], dtype: 'int32' },
    floatInput(OWN_MASK, [samples]),
    floatInput(STATISTICS_MASK, [samples]),
    floatInput(HEAD, [embeddingSize, spec.sampledClasses ?? spec.classCount]),
    ...lossStatistics(spec).map((name) => floatInput(lossStateName(name), [])),
  ];
}

function headBatch(given: Variables): FaceLossBatch {
  return {
    embeddings: tensorOf(given, EMBEDDINGS) as tf.Tensor2D,
    weight: tensorOf(given, HEAD) as tf.Tensor2D,
    labels: tensorOf(given, COLUMNS) as tf.Tensor1D,
    // What the loss has beside the cross entropy is each process's own.
    sampleMask: tensorOf(given, OWN_MASK) as tf.Tensor1D,
    statisticsMask: tensorOf(given, STATISTICS_MASK) as tf.Tensor1D,
  };
}

/** @throws RangeError where there is none */
function requiredLoss({ faceLoss }: TrainingSpec): FaceLoss {
  if (faceLoss === undefined) throw new RangeError('there is no head without a loss');
  return faceLoss;
}

function named(
  inputs: readonly StepInput[],
  run: (given: Variables) => readonly tf.Tensor[],
): StepFunction['run'] {
  const names = inputs.map(({ name }) => name);
  return (...tensors) => [...run(byName(names, tensors))];
}
