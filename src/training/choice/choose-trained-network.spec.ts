import { describe, expect, it } from 'vitest';

import { settledWeights } from '../../../test/support/backbone-inputs.js';
import { everyLayerNet } from '../../../test/support/every-layer-net.js';
import { arcFacePreset } from '../../core/models/presets.js';
import type { BackboneManifest } from '../../core/models/manifest.js';
import type { RgbImage } from '../../core/images/rgb-image.js';
import { uniformGenerator } from '../../core/random/seeded-random.js';
import { createBackbone } from '../../learning/backbones/backbone.js';
import { compileServingGraph } from '../../learning/backbones/serving-graph.js';
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
  it('puts a projection behind the network where that alone helps whoever was not fitted to', async () => {
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
        ...{ start: weights, trained: weights, startingProjection: undefined, sets: [set] },
        serving: (those) => ({ graph: compileServingGraph(backbone, those), manifest }),
        fitted: { images: everybody.images.slice(heldOut), labels: everybody.labels.slice(heldOut) },
        ...{ falseMatchRate: 0.01, threads: 1 },
      },
      new AbortController().signal,
    );
    // The weights are the same on all of the way: the shortest one is as good as any.
    expect(found?.entry).toMatchObject({ chosen: '0 projected', trainedShare: 0, isProjected: true });
    const [parent, projected] = found?.entry.candidates ?? [];
    expect(projected?.gainInterval?.lower).toBeGreaterThan(0);
    expect(projected?.trueAcceptRate).toBeGreaterThan(parent?.trueAcceptRate ?? 1);
    expect(found?.projection?.dimension).toBe(dimension);
  });
});
