import { stringify } from 'yaml';

import type { BackboneManifest } from '../../../core/models/manifest.js';
import type { RetrainingLoss } from './retraining-losses.js';
import type { RetrainingPolicy } from './retraining-policy.js';
import { isFrontalEnough, type TrainingDataCounts } from './training-data-counts.js';
import type { ReplaySettings } from '../../../training/configuration/data-configuration.js';
import { parentFileName, snapshotFileName } from '../../../training/enrolled-faces/trainer-protocol.js';

/** The weight of the distance to the parent's embeddings beside the face loss (docs/results/retraining.md). */
const distillationWeight = 5;
/** Pairs of faces that parent and candidate are compared on. */
const heldOutPairs = 6000;
/**
 * The steps between checkpoints: those of an epoch, and fewer in long ones. A killed training loses some minutes,
 * also on a slow processor.
 */
function checkpointEverySteps({ batchSize }: RetrainingPolicy, faceCount: number): number {
  return Math.min(100, Math.max(10, Math.round(faceCount / batchSize)));
}

/** ArcFace's scale is the paper's for lightweight networks, its margin the one that was measured (docs/results/retraining.md); else the losses' own. */
const hyperparameters: Readonly<Partial<Record<RetrainingLoss, object>>> = {
  arcface: { scale: 32, marginRadians: 0.3 },
};

/**
 * The warm-up of the measured fine-tuning; of a short training it is a tenth, or most of it would be warming up.
 */
const mostWarmUpSteps = 20;

function warmUpSteps({ epochs, batchSize }: RetrainingPolicy, faceCount: number): number {
  return Math.min(mostWarmUpSteps, Math.round((epochs * faceCount) / batchSize / 10));
}

/**
 * The configuration of `symface train` (docs/training.md) that a policy means, as YAML; the same for the same faces.
 * @param counts of the enrolled faces; where too few are frontal none is split
 * @param falseMatchRate that how far to go is found at, where the policy leaves that open
 * @param replay a second data set to train on, with absolute paths
 */
export function retrainingConfiguration(
  manifest: BackboneManifest,
  policy: RetrainingPolicy,
  counts: Pick<TrainingDataCounts, 'faces' | 'frontalFaces'>,
  falseMatchRate: number,
  replay?: ReplaySettings,
): string {
  const { channelOrder, mean, scale, layout } = manifest.input;
  const { symmetryWeight: weight, splitFraction, tau, loss, epochs, batchSize, seed } = policy;
  const { trainedShare, headEpochs, trainedLayers } = policy;
  return stringify({
    name: manifest.displayName,
    seed,
    data: {
      format: 'enrolled-faces',
      path: snapshotFileName,
      kind: 'photograph',
      ...(replay === undefined ? {} : { replay }),
    },
    backbone: {
      onnx: parentFileName,
      preprocessing: { channelOrder, mean, scale, layout, alignment: manifest.alignment },
      normalisation: 'frozen',
      testTimeAugmentation: manifest.embedding.testTimeAugmentation,
      ...(manifest.embedding.typicalNorm && { typicalNorm: manifest.embedding.typicalNorm }),
    },
    head: { initialise: 'class-means' },
    loss: { name: loss, ...hyperparameters[loss] },
    // What the parent knew of faces is kept as far as the new faces do not speak against it.
    distillation: { teacher: { start: true }, weight: distillationWeight, centre: false },
    ...(isFrontalEnough(counts, policy) && {
      symmetry: { splitFraction, tau, weight, compare: 'unit' },
    }),
    epochs,
    batchSize,
    learningRate: {
      initial: policy.findLearningRate === true ? 'auto' : policy.learningRate,
      warmUpSteps: warmUpSteps(policy, counts.faces),
    },
    // Not said where nothing is frozen, as in jobs of before anything could be.
    ...((headEpochs > 0 || trainedLayers < 1) && { freezing: { headEpochs, trainedLayers } }),
    gradientClipNorm: 5,
    weightDecay: { weights: 4e-5 },
    checkpointEverySteps: checkpointEverySteps(policy, counts.faces),
    evaluate: { heldOutPairs, start: true },
    weightInterpolation: trainedShare === undefined ? { choose: { falseMatchRate } } : { trainedShare },
    license: manifest.license,
  });
}
