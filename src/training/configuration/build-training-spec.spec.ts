import { describe, expect, it } from 'vitest';

import { createBackbone } from '../../learning/backbones/backbone.js';
import { backboneArchitecture } from '../../learning/backbones/catalogue.js';
import { buildTrainingSpec } from './build-training-spec.js';
import { parseTrainingConfiguration } from './training-configuration.js';

function learnerOf(design: string, settings = '') {
  const text = `
name: test
data: { format: identity-folder, path: faces, kind: aligned-crop }
backbone: { design: ${design}, dropout: 0.4 }
loss: { name: arcface }
epochs: 1
batchSize: 8
learningRate: { initial: 0.1 }
${settings}`;
  const batch = { batchSize: 8, splitSlots: 0, imageHeight: 112, imageWidth: 112 };
  const backbone = createBackbone(backboneArchitecture(design));
  return buildTrainingSpec(parseTrainingConfiguration(text, 'test.yaml'), backbone, 4, batch);
}

describe('buildTrainingSpec', () => {
  it('has the dropout and the accumulation that are stated', () => {
    expect(learnerOf('ir-18', 'accumulateSteps: 3')).toMatchObject({ dropout: 0.4, accumulateSteps: 3 });
  });

  it('decays what nothing is said of like the weights, and slopes not at all', () => {
    const { weightDecay } = learnerOf('ir-18', 'weightDecay: { weights: 0.25 }').sgd;
    expect(weightDecay).toEqual({
      weights: 0.25,
      'last-layer': 0.25,
      normalisation: 0.25,
      slopes: 0,
      head: 0.25,
    });
  });

  it('gives each group of parameters the decay that is stated', () => {
    const stated = '{ weights: 0.5, lastLayer: 0.25, normalisation: 0, slopes: 0.125, head: 0.0625 }';
    const { weightDecay } = learnerOf('ir-18', `weightDecay: ${stated}`).sgd;
    expect(weightDecay).toEqual({
      weights: 0.5,
      'last-layer': 0.25,
      normalisation: 0,
      slopes: 0.125,
      head: 0.0625,
    });
  });

  it('refuses dropout where the network has no such layer', () => {
    expect(() => learnerOf('mobilefacenet')).toThrow(
      expect.objectContaining({
        reason: 'INVALID_ARGUMENT',
        message: expect.stringContaining('leave out backbone.dropout') as string,
      }),
    );
  });
});
