import { readFile } from 'node:fs/promises';

import { Failure } from '../../domain/failure.js';
import type { Weights } from '../../domain/model/weights.js';
import { type Backbone, createBackbone } from '../../learning/backbones/backbone.js';
import { backboneDesign } from '../../learning/backbones/catalogue.js';
import type { BatchShape } from '../../learning/data/training-batch.js';
import { createFaceLoss } from '../../learning/losses/face-losses.js';
import type { Learner } from '../../learning/training/learner.js';
import { requireSchedule } from '../../learning/training/learning-rate.js';
import { requireWeightsOf } from '../../learning/weights/backbone-variables.js';
import { readSafetensors } from '../storage/safetensors.js';
import type { LocatedConfiguration, TrainingConfiguration } from './training-configuration.js';

/** @throws Failure INVALID_ARGUMENT naming a setting that the loss does not have or that is out of its range */
export function configuredLearner(
  configuration: TrainingConfiguration,
  backbone: Backbone,
  classCount: number,
  batch: BatchShape,
): Learner {
  const { loss, symmetry, momentum, weightDecay, gradientClipNorm } = configuration;
  const { name, ...hyperparameters } = loss;
  const { weights, lastLayer = weights, normalisation = weights, slopes } = weightDecay;
  try {
    requireSchedule(configuration.learningRate);
    return {
      backbone,
      faceLoss: createFaceLoss(name, hyperparameters),
      classCount,
      symmetry: symmetry === undefined ? {} : { symmetryWeight: symmetry.weight, compare: symmetry.compare },
      descent: {
        momentum,
        weightDecay: { weights, 'last-layer': lastLayer, normalisation, slopes },
        ...(gradientClipNorm === undefined ? {} : { gradientClipNorm }),
      },
      normalisation: configuration.backbone.normalisation,
      batch,
    };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Failure('INVALID_ARGUMENT', error.message, {}, [], { cause: error });
  }
}

/**
 * The network, and weights to start from where the configuration names some.
 * @throws Failure INVALID_ARGUMENT where they cannot be read, MODEL_INVALID where they are not the network's
 */
export async function configuredBackbone({
  configuration,
  pathOf,
}: LocatedConfiguration): Promise<{ readonly backbone: Backbone; readonly weights: Weights | undefined }> {
  const { design, embeddingSize, input, weights } = configuration.backbone;
  const [height, width] = input === '112x112' ? [112, 112] : [112, 96];
  const backbone = createBackbone(backboneDesign(design), {
    inputSize: { height, width },
    ...(embeddingSize === undefined ? {} : { embeddingSize }),
  });
  if (weights === undefined) return { backbone, weights: undefined };
  const file = await readFile(pathOf(weights)).catch((cause: unknown) => {
    throw new Failure('INVALID_ARGUMENT', `backbone.weights: ${weights} cannot be read`, {}, [], { cause });
  });
  const read = readSafetensors(file);
  // Arrays of another network would be passed over, and the run begin from nothing.
  requireWeightsOf(backbone, read);
  return { backbone, weights: read };
}
