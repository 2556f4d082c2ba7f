import { Failure } from '../../core/failure.js';
import type { Backbone } from '../../learning/backbones/backbone.js';
import type { BatchShape } from '../../learning/sampler/training-batch.js';
import type { FaceLoss } from '../../learning/losses/face-loss.js';
import { createFaceLoss } from '../../learning/losses/face-losses.js';
import type { HyperparameterValues } from '../../learning/losses/hyperparameter.js';
import type { SymFaceOptions } from '../../learning/losses/sym-face.js';
import type { SymmetryTerm } from '../../learning/losses/symmetry-term.js';
import { createSymmetryTerm } from '../../learning/losses/symmetry-terms.js';
import { type TrainingSpec, requireTrainingSpec } from '../../learning/step/training-spec.js';
import { sampledClassCount } from '../../learning/step/sampled-classes.js';
import { requireSchedule } from '../../learning/step/learning-rate.js';
import {
  freezingOf,
  scheduleOf,
  SYMMETRY_SETTINGS,
  type TrainingConfiguration,
} from './training-configuration.js';

/** @throws Failure INVALID_ARGUMENT naming a setting that the loss does not have or that is out of its range */
export function buildTrainingSpec(
  configuration: TrainingConfiguration,
  backbone: Backbone,
  classCount: number,
  batch: BatchShape,
): TrainingSpec {
  const {
    loss,
    head: { sampleRate, split } = {},
    symmetry,
    momentum,
    weightDecay,
    gradientClipNorm,
    distillation,
  } = configuration;
  const { weights, lastLayer = weights, normalisation = weights, slopes, head = weights } = weightDecay;
  try {
    requireSchedule(scheduleOf(configuration));
    const dropout = 'design' in configuration.backbone ? configuration.backbone.dropout : undefined;
    const spec = {
      backbone,
      ...(loss === undefined ? {} : { faceLoss: buildFaceLoss(loss) }),
      classCount,
      ...(sampleRate !== undefined && {
        sampledClasses: sampledClassCount(
          sampleRate,
          classCount,
          batch.batchSize * configuration.accumulateSteps,
        ),
      }),
      ...(split === true && { splitHead: true }),
      symmetry: symmetry === undefined ? {} : symFaceOptionsOf(symmetry),
      sgd: {
        momentum,
        weightDecay: { weights, 'last-layer': lastLayer, normalisation, slopes, head },
        ...(gradientClipNorm === undefined ? {} : { gradientClipNorm }),
      },
      ...normsOf(configuration),
      batch,
      accumulateSteps: configuration.accumulateSteps,
      recompute: configuration.recompute,
      ...(dropout === undefined ? {} : { dropout }),
      ...(distillation === undefined ? {} : { distillation: { weight: distillation.weight } }),
    };
    requireTrainingSpec({ ...spec, trainedLayers: freezingOf(configuration).trainedLayers });
    return spec;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new Failure('INVALID_ARGUMENT', error.message, {}, [], { cause: error });
  }
}

function normsOf({
  backbone: { normalisation },
}: TrainingConfiguration): Pick<TrainingSpec, 'normalisation' | 'synchronisedNorms'> {
  if (normalisation === 'synchronised') return { normalisation: 'live', synchronisedNorms: true };
  return { normalisation };
}

type SymmetrySettings = NonNullable<TrainingConfiguration['symmetry']>;

/** @throws RangeError naming a setting that the term does not have or that is out of its range */
export function buildSymmetryTerm(symmetry: SymmetrySettings): SymmetryTerm {
  return createSymmetryTerm(symmetry.compare, hyperparametersOf(symmetry));
}

function symFaceOptionsOf(symmetry: SymmetrySettings): SymFaceOptions {
  const { weight, compare, statistics } = symmetry;
  return { symmetryWeight: weight, compare, statistics, hyperparameters: hyperparametersOf(symmetry) };
}

/** What of the settings is the term's own. */
function hyperparametersOf(symmetry: SymmetrySettings): HyperparameterValues {
  const own = Object.entries(symmetry).filter(([name]) => !SYMMETRY_SETTINGS.has(name));
  return Object.fromEntries(own) as HyperparameterValues;
}

/** @throws RangeError naming a setting that the loss does not have or that is out of its range */
export function buildFaceLoss({
  name,
  ...hyperparameters
}: NonNullable<TrainingConfiguration['loss']>): FaceLoss {
  return createFaceLoss(name, hyperparameters);
}
