import { Failure } from '../../core/failure.js';
import type { Backbone } from '../../learning/backbones/backbone.js';
import type { BatchShape } from '../../learning/sampler/training-batch.js';
import type { FaceLoss } from '../../learning/losses/face-loss.js';
import { createFaceLoss } from '../../learning/losses/face-losses.js';
import { type TrainingSpec, requireTrainingSpec } from '../../learning/step/training-spec.js';
import { requireSchedule } from '../../learning/step/learning-rate.js';
import type { TrainingConfiguration } from './training-configuration.js';

/** @throws Failure INVALID_ARGUMENT naming a setting that the loss does not have or that is out of its range */
export function buildTrainingSpec(
  configuration: TrainingConfiguration,
  backbone: Backbone,
  classCount: number,
  batch: BatchShape,
): TrainingSpec {
  const { loss, symmetry, momentum, weightDecay, gradientClipNorm, distillation } = configuration;
  const { weights, lastLayer = weights, normalisation = weights, slopes } = weightDecay;
  try {
    requireSchedule(configuration.learningRate);
    const dropout = 'design' in configuration.backbone ? configuration.backbone.dropout : undefined;
    const spec = {
      backbone,
      ...(loss === undefined ? {} : { faceLoss: buildFaceLoss(loss) }),
      classCount,
      symmetry: symmetry === undefined ? {} : { symmetryWeight: symmetry.weight, compare: symmetry.compare },
      sgd: {
        momentum,
        weightDecay: { weights, 'last-layer': lastLayer, normalisation, slopes },
        ...(gradientClipNorm === undefined ? {} : { gradientClipNorm }),
      },
      normalisation: configuration.backbone.normalisation,
      batch,
      accumulateSteps: configuration.accumulateSteps,
      ...(dropout === undefined ? {} : { dropout }),
      ...(distillation === undefined ? {} : { distillation: { weight: distillation.weight } }),
    };
    requireTrainingSpec(spec);
    return spec;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Failure('INVALID_ARGUMENT', error.message, {}, [], { cause: error });
  }
}

/** @throws RangeError naming a setting that the loss does not have or that is out of its range */
export function buildFaceLoss({
  name,
  ...hyperparameters
}: NonNullable<TrainingConfiguration['loss']>): FaceLoss {
  return createFaceLoss(name, hyperparameters);
}
