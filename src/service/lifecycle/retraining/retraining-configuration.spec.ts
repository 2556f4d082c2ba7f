import { describe, expect, it } from 'vitest';

import { arcFaceColumns, dlibTemplate } from '../../../core/faces/alignment-template.js';
import type { BackboneManifest } from '../../../core/models/manifest.js';
import { arcFacePreset } from '../../../core/models/presets.js';
import { retrainingLosses } from './retraining-losses.js';
import { retrainingPolicy } from './retraining-policy.js';
import { parseTrainingConfiguration } from '../../../training/configuration/training-configuration.js';
import { retrainingConfiguration } from './retraining-configuration.js';

const manifest: BackboneManifest = {
  ...arcFacePreset({
    dimension: 8,
    pixels: { layout: 'NHWC', channelOrder: 'BGR', mean: [1, 2, 3], scale: [4, 5, 6] },
  }),
  kind: 'backbone',
  embedding: { dimension: 8, testTimeAugmentation: 'none' },
  alignment: { ...arcFacePreset({ dimension: 8 }).alignment },
  displayName: 'net',
  license: 'MIT',
  source: 'made up',
  graph: { fileName: 'backbone.onnx', sha256: '' },
};

const configurationOf = (
  policy: Parameters<typeof retrainingPolicy>[0],
  faces = 10_000,
  frontalFaces = faces / 2,
) =>
  parseTrainingConfiguration(
    retrainingConfiguration(manifest, retrainingPolicy(policy), { faces, frontalFaces }, 1e-4),
    'job',
  );

describe('retrainingConfiguration', () => {
  it.each([arcFaceColumns(112), arcFaceColumns(96), dlibTemplate])(
    'says what the parent’s faces are aligned to ($name)',
    (alignment) => {
      const text = retrainingConfiguration(
        { ...manifest, alignment },
        retrainingPolicy({}),
        { faces: 100, frontalFaces: 50 },
        1e-3,
      );
      const { backbone } = parseTrainingConfiguration(text, 'job');
      expect(backbone).toMatchObject({ preprocessing: { alignment } });
    },
  );

  it('trains the parent as its manifest has it, by the policy', () => {
    expect(configurationOf({ epochs: 3, symmetryWeight: 4, tau: 0.3, seed: 9 })).toMatchObject({
      name: 'net',
      seed: 9,
      data: { format: 'enrolled-faces', kind: 'photograph' },
      backbone: {
        preprocessing: { layout: 'NHWC', channelOrder: 'BGR', mean: [1, 2, 3], scale: [4, 5, 6] },
        normalisation: 'frozen',
      },
      head: { initialise: 'class-means' },
      loss: { name: 'arcface', scale: 32, marginRadians: 0.3 },
      distillation: { teacher: { start: true }, weight: 5, centre: false },
      symmetry: { weight: 4, tau: 0.3, splitFraction: 0.3, compare: 'unit' },
      epochs: 3,
      evaluate: { start: true },
      license: 'MIT',
    });
  });

  it.each(retrainingLosses)('is a configuration with %s too', (loss) => {
    expect(configurationOf({ loss }).loss?.name).toBe(loss);
  });

  it('finds how far to go at the rate in force, unless the policy says it', () => {
    expect(configurationOf({}).weightInterpolation).toEqual({
      choose: { falseMatchRate: 1e-4, projection: true, gating: true, smoothing: true },
    });
    expect(configurationOf({ trainedShare: 0.5 }).weightInterpolation).toEqual({ trainedShare: 0.5 });
  });

  it('freezes layers and finds the learning rate where the policy says so, and only there', () => {
    expect(configurationOf({})).not.toHaveProperty('freezing');
    expect(configurationOf({}).learningRate.initial).toBe(0.001);
    expect(configurationOf({ headEpochs: 1, trainedLayers: 0.3, findLearningRate: true })).toMatchObject({
      freezing: { headEpochs: 1, trainedLayers: 0.3 },
      learningRate: { initial: 'auto' },
    });
  });

  it('splits no face where too few are frontal', () => {
    expect(configurationOf({ minimumFrontalShare: 0.2 }, 100, 20).symmetry).toBeDefined();
    expect(configurationOf({ minimumFrontalShare: 0.2 }, 100, 19).symmetry).toBeUndefined();
  });

  it('measures with mirror images where what serves has them', () => {
    expect(configurationOf({}).backbone).toMatchObject({ testTimeAugmentation: 'none' });
  });

  it('trains on the replay data too where there is some', () => {
    const replay = {
      format: 'identity-folder',
      path: '/faces',
      kind: 'photograph',
      identityLimit: 9,
    } as const;
    const text = retrainingConfiguration(
      manifest,
      retrainingPolicy({}),
      { faces: 100, frontalFaces: 50 },
      1e-3,
      replay,
    );
    expect(parseTrainingConfiguration(text, 'job').data.replay).toEqual(replay);
    expect(configurationOf({}).data).not.toHaveProperty('replay');
  });

  it('keeps a checkpoint every hundred steps, or every epoch where those are fewer, not every few steps', () => {
    const every = [100_000, 1280, 40].map((faceCount) => configurationOf({}, faceCount).checkpointEverySteps);
    expect(every).toEqual([100, 40, 10]);
  });

  it('warms up for 20 steps, or a tenth of a short training', () => {
    expect(configurationOf({}).learningRate.warmUpSteps).toBe(20);
    expect(configurationOf({ epochs: 1 }, 320).learningRate.warmUpSteps).toBe(1);
  });
});
