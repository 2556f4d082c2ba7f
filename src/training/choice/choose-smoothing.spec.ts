import { describe, expect, it } from 'vitest';

import type { BackboneManifest } from '../../core/models/manifest.js';
import { arcFacePreset } from '../../core/models/presets.js';
import type { RgbImage } from '../../core/images/rgb-image.js';
import { uniformGenerator } from '../../core/random/seeded-random.js';
import { createBackbone } from '../../learning/backbones/backbone.js';
import { compileServingGraph } from '../../learning/backbones/serving-graph.js';
import { type EvaluationSet, heldOutSet } from '../evaluation/evaluation-set.js';
import { chooseSmoothing } from './choose-smoothing.js';
import { looksOf } from './face-looks.js';
import { settledWeights } from '../../../test/support/backbone-inputs.js';
import { noisyPhotographs } from '../../../test/support/noisy-photographs.js';
import { everyLayerNet } from '../../../test/support/every-layer-net.js';

const side = 112;
const dimension = 32;
const backbone = createBackbone(everyLayerNet, { embeddingSize: dimension });
const preset = arcFacePreset({ dimension });
const manifest = {
  ...preset,
  embedding: { ...preset.embedding, testTimeAugmentation: 'none' },
} as BackboneManifest;
const uniform = uniformGenerator(11);
const photographs = (persons: number, each: number, noise: number, cells = 7): readonly RgbImage[] =>
  noisyPhotographs(uniform, { persons, each, noise, cells });

/** Faces that look unlike those. */
const bright: readonly RgbImage[] = Array.from({ length: 30 }, () => ({
  ...{ width: side, height: side },
  pixels: Uint8Array.from({ length: side * side * 3 }, () => 220 + 20 * uniform()),
}));

async function chosen(
  images: readonly RgbImage[],
  each: number,
  generalLooks: readonly Float32Array[],
): ReturnType<typeof chooseSmoothing> {
  const heldOut = images.slice(0, images.length / 2);
  const fitted = images.slice(images.length / 2);
  const set = {
    name: heldOutSet,
    images: heldOut.map((_, face) => ({ name: '', identity: String(Math.floor(face / each)) })),
    faces: heldOut.map((image) => ({ image, noseX: undefined, rho: 0, sharpness: 0 })),
  } as unknown as EvaluationSet;
  return chooseSmoothing(
    {
      ...{ start: settledWeights(backbone), startingPixels: 0, projects: false, generalLooks, sets: [set] },
      serving: (weights) => ({ graph: compileServingGraph(backbone, weights), manifest }),
      fitted: { images: fitted, labels: fitted.map((_, face) => Math.floor(face / each)) },
      ...{ falseMatchRate: 0.1, threads: 1 },
    },
    new AbortController().signal,
  );
}

describe('chooseSmoothing', () => {
  it('smooths where noise hides who is shown', async () => {
    const found = await chosen(photographs(24, 4, 110), 4, await looksOf(bright, 1));
    expect(found?.pixels).toBeGreaterThan(0);
    const rates = found?.candidates.map(({ equalErrorRate }) => equalErrorRate) ?? [];
    expect(rates[1]).toBeLessThan(rates[0] ?? 0);
    expect(found).toMatchObject({ identityCount: 12, faceCount: 48 });
  });

  it('smooths nothing where photographs of a person are as sharp as what tells persons apart, and tries no more once it harms', async () => {
    const found = await chosen(photographs(24, 4, 30, 56), 4, await looksOf(bright, 1));
    expect(found?.pixels).toBe(0);
    expect(found?.candidates.length).toBeLessThan(5);
  });

  it('is not tried by fewer than ten persons', async () => {
    expect(await chosen(photographs(18, 4, 110), 4, await looksOf(bright, 1))).toBeUndefined();
  });

  it('is not tried where faces look as others do', async () => {
    const faces = photographs(24, 4, 110);
    expect(await chosen(faces, 4, await looksOf(faces.slice(0, 30), 1))).toBeUndefined();
  });
});
