import { createHash } from 'node:crypto';

import type { TrainingConfiguration } from '../configuration/training-configuration.js';

/**
 * The digests of the files that a configuration names, of which their names alone say little; undefined where it
 * names none.
 */
export interface DigestsOfFiles {
  /** The SHA-256 of the ONNX file that is trained, or of npm's weights, as hex. */
  readonly graphSha256?: string | undefined;
  /** The digest of the second data set, as hex. */
  readonly replaySha256?: string | undefined;
  /** The digest of the network that is distilled, as hex. */
  readonly teacherSha256?: string | undefined;
  /** How the crops are smoothed; 0: they are not. */
  readonly smoothingPixels?: number;
}

/**
 * The digest of all that a state depends on, as hex: a run is resumed with the same one only. Where it is evaluated
 * and how often it is saved may change, and the epochs may be more.
 */
export function runDigestOf(
  configuration: TrainingConfiguration,
  { graphSha256, replaySha256, teacherSha256, smoothingPixels = 0 }: DigestsOfFiles = {},
): string {
  // Digests tell a second data set and a teacher from others, wherever they are; JSON leaves out what is undefined.
  const { name, seed, backbone, head, loss, symmetry, batchSize, accumulateSteps } = configuration;
  const { learningRate, momentum, weightDecay, gradientClipNorm, flip, augmentation } = configuration;
  const { samplesPerEpoch, freezing } = configuration;
  const text = JSON.stringify({
    data: { ...configuration.data, replay: undefined },
    distillation: configuration.distillation && { ...configuration.distillation, teacher: undefined },
    // The evaluations that are logged are of networks so far on the way.
    weightInterpolation: configuration.weightInterpolation,
    ...{ name, seed, backbone, head, loss, symmetry, batchSize, accumulateSteps },
    ...{ learningRate, momentum, weightDecay, gradientClipNorm, flip, augmentation, samplesPerEpoch },
    freezing,
    ...{ graphSha256, replaySha256, teacherSha256 },
    smoothingPixels: smoothingPixels === 0 ? undefined : smoothingPixels,
  });
  return createHash('sha256').update(text).digest('hex');
}
