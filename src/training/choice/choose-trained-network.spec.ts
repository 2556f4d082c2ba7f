import { describe, expect, it } from 'vitest';

import { settledWeights } from '../../../test/support/backbone-inputs.js';
import { everyLayerNet } from '../../../test/support/every-layer-net.js';
import { arcFacePreset } from '../../core/models/presets.js';
import type { BackboneManifest } from '../../core/models/manifest.js';
import type { RgbImage } from '../../core/images/rgb-image.js';
import { uniformGenerator } from '../../core/random/seeded-random.js';
import { createBackbone } from '../../learning/backbones/backbone.js';
import { compileServingGraph } from '../../learning/backbones/serving-graph.js';
import { noParts } from '../../learning/gating/served-parts.js';
import type { EvaluationSet } from '../evaluation/evaluation-set.js';
import { heldOutSet } from '../evaluation/evaluation-set.js';
import { chooseTrainedNetwork } from './choose-trained-network.js';

const side = 32;
const dimension = 16;
const backbone = createBackbone(everyLayerNet, {
  embeddingSize: dimension,
  inputSize: { height: side, width: side },
});
const weights = settledWeights(backbone);
const preset = arcFacePreset({ dimension });
const manifest = {
  ...preset,
  embedding: { ...preset.embedding, testTimeAugmentation: 'none' },
  input: { ...preset.input, height: side, width: side },
  alignment: { ...preset.alignment, height: side, width: side },
} as BackboneManifest;

/** Persons who differ in a faint pattern, on photographs that differ in a strong one: what a projection is for. */
function photographs(persons: number, each: number, seed: number) {
  const uniform = uniformGenerator(seed);
  const pattern = (): Float32Array => Float32Array.from({ length: side * side * 3 }, () => uniform() - 0.5);
  const site = pattern();
  const labels: number[] = [];
  const images: RgbImage[] = [];
  for (let person = 0; person < persons; person++) {
    const own = pattern();
    for (let face = 0; face < each; face++) {
      const strength = 300 * (uniform() - 0.5);
      const pixels = Uint8Array.from(own, (value, index) =>
        Math.max(0, Math.min(255, 128 + 60 * value + strength * (site[index] ?? 0))),
      );
      images.push({ width: side, height: side, pixels });
      labels.push(person);
    }
  }
  return { images, labels };
}

describe('chooseTrainedNetwork', () => {
  it('measures networks with a projection too, which helps whoever was not fitted to', async () => {
    const everybody = photographs(60, 5, 3);
    const heldOut = 30 * 5;
    const images = everybody.images.slice(0, heldOut);
    const set = {
      name: heldOutSet,
      images: everybody.labels.slice(0, heldOut).map((label) => ({ name: '', identity: String(label) })),
      faces: images.map((image) => ({ image, noseX: undefined, rho: 0, sharpness: 0 })),
    } as unknown as EvaluationSet;
    const found = await chooseTrainedNetwork(
      {
        ...{
          start: weights,
          trained: weights,
          startingParts: noParts,
          smoothingPixels: 0,
          projects: true,
          generalLooks: undefined,
          sets: [set],
        },
        serving: (those) => ({ graph: compileServingGraph(backbone, those), manifest }),
        fitted: { images: everybody.images.slice(heldOut), labels: everybody.labels.slice(heldOut) },
        ...{ falseMatchRate: 0.01, threads: 1 },
      },
      new AbortController().signal,
    );
    const [parent, projected] = found?.entry.candidates ?? [];
    expect([parent?.name, projected?.name]).toEqual(['0', '0 projected']);
    expect(projected?.trueAcceptRate).toBeGreaterThan(1.2 * (parent?.trueAcceptRate ?? 1));
    expect(projected?.equalErrorRate).toBeLessThan(parent?.equalErrorRate ?? 0);
    // Whether that is beyond chance is for the rule to say; what comes with its choice is the projection of the chosen one.
    expect(found?.parts.projection !== undefined).toBe(found?.entry.isProjected);
  });
});
