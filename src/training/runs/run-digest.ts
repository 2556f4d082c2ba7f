import { createHash } from 'node:crypto';

import type { TrainingConfiguration } from '../configuration/training-configuration.js';

/** Of what a configuration names: its name alone says little. Undefined where it names none. */
export interface DigestsOfFiles {
  /** Of the ONNX file that is trained, or of npm's weights. */
  readonly graphSha256?: string | undefined;
  /** Of the second data set. */
  readonly replaySha256?: string | undefined;
  /** Of the network that is distilled. */
  readonly teacherSha256?: string | undefined;
}

/**
 * Of all that a state depends on: a run is resumed with the same digest only. Where it is evaluated and how often it is
 * saved may change, and the epochs may be more.
 */
export function runDigestOf(
  configuration: TrainingConfiguration,
  { graphSha256, replaySha256, teacherSha256 }: DigestsOfFiles = {},
): string {
  const { name, seed, backbone, loss, symmetry, batchSize, learningRate, momentum } = configuration;
  // Digests tell a second data set and a teacher from others, wherever they are; undefined is no part of JSON.
  const data = { ...configuration.data, replay: undefined };
  const distillation = configuration.distillation && { ...configuration.distillation, teacher: undefined };
  const { weightDecay, gradientClipNorm, flip, head } = configuration;
  // The best network of a checkpoint is interpolated already.
  const { augmentation, weightInterpolation } = configuration;
  const accumulateSteps = configuration.accumulateSteps === 1 ? undefined : configuration.accumulateSteps;
  const parts = [name, seed, data, backbone, loss, symmetry, batchSize, learningRate, momentum];
  // What is not set is left out, so that runs begun before there was such a setting go on.
  const text = JSON.stringify([
    ...parts,
    weightDecay,
    gradientClipNorm,
    flip,
    ...stated({
      graphSha256,
      head,
      accumulateSteps,
      replaySha256,
      augmentation,
      weightInterpolation,
      distillation,
      teacherSha256,
    }),
  ]);
  return createHash('sha256').update(text).digest('hex');
}

function stated(settings: Readonly<Record<string, unknown>>): readonly unknown[] {
  const entries = Object.entries(settings).filter(([, setting]) => setting !== undefined);
  return entries.length === 0 ? [] : [entries];
}
