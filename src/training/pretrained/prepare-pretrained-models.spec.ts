import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, beforeAll, describe, expect, it, type MockInstance, vi } from 'vitest';

import type { FaceDetector } from '../../inference/detect/face-detector.js';
import type { RgbImage } from '../../core/images/rgb-image.js';
import { chooseActiveVersion } from '../../service/models/serving/active-version.js';
import type { BackboneManifest } from '../../core/models/manifest.js';
import { noiseCrops } from '../../core/models/self-check.js';
import { defaultBackboneName } from './default-backbone.js';
import { cosineSimilarity, l2Normalise } from '../../core/verification/similarity.js';
import { packagedSources } from './packaged-sources.js';
import { Photograph } from '../../inference/decode/photograph.js';
import { SharpImageDecoder } from '../../inference/decode/sharp-image-decoder.js';
import { OnnxFaceEmbedder } from '../../inference/embed/onnx-face-embedder.js';
import { createFaceDetector } from '../../inference/detect/create-face-detector.js';
import { ModelFiles } from '../../storage/models/model-files.js';
import {
  prepareNpmBackbone,
  preparePretrainedModels,
  type PreparationProgress,
  type PretrainedModels,
} from './prepare-pretrained-models.js';

const photographs = new URL('../../../../shared/data/photos/', import.meta.url);
const hasPhotographs = existsSync(photographs);
if (!hasPhotographs) console.log('skipped: the photographs in ../shared/data/photos are absent');

describe('preparePretrainedModels', () => {
  let folder: string;
  let registry: ModelFiles;
  let models: PretrainedModels;
  let detector: FaceDetector;
  let warn: MockInstance<typeof console.warn>;
  const progress: PreparationProgress[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'symface-pretrained-'));
    registry = new ModelFiles(folder);
    warn = vi.spyOn(console, 'warn');
    models = await preparePretrainedModels(registry, { onProgress: (step) => progress.push(step) });
    detector = await createFaceDetector(models.detector, { intraOpThreads: 1 });
  });

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true });
  });

  it('says nothing besides its steps', () => {
    expect(warn).not.toHaveBeenCalled();
  });

  it('registers a backbone and a detector with licence and source', () => {
    const { backbone, detector } = models;
    expect(backbone.version.manifest).toMatchObject({
      kind: 'backbone',
      displayName: 'mobilefacenet-symface',
    });
    expect(backbone.version.manifest.license).toBe('MIT; trained on research data, see its model card');
    expect(backbone.version.manifest.source).toMatch(
      /^symface experiment .*mobilefacenet from fr_feature\.onnx .*; models\/.*, SHA-256 [0-9a-f]{16}/,
    );
    expect(detector.version.manifest).toMatchObject({
      family: 'retinaface',
      displayName: 'retinaface-symface',
    });
    expect(detector.version.manifest.source).toMatch(/models\/retinaface-symface, SHA-256 [0-9a-f]{16}/);
  });

  it('registers one of an npm package where that is asked for, whose version is the one that it always was', async () => {
    const titles: string[] = [];
    const { version } = await prepareNpmBackbone(registry, (title) => titles.push(title));
    expect(titles).toEqual(["dlib's face recognition ResNet"]);
    expect(version.id).toBe('dlib-resnet-46a34967a570');
    expect(version.manifest).toMatchObject({ kind: 'backbone', license: 'MIT' });
    expect(version.manifest.source).toMatch(/^npm @vladmandic\/face-api@\S+ .*SHA-256 [0-9a-f]{16}/);
    // It does not serve by being there.
    const versions = (await registry.list()).map((stored) => stored.version);
    expect(chooseActiveVersion('backbone', versions, undefined, defaultBackboneName)?.id).toBe(
      models.backbone.version.id,
    );
  });

  it('reports each network before it compiles it', () => {
    expect(progress.map(({ completed, total }) => [completed, total])).toEqual([
      [0, 2],
      [1, 2],
    ]);
  });

  it('compiles nothing the second time', async () => {
    const again = await preparePretrainedModels(registry, {
      onProgress: ({ title }) => expect.fail(`${title} was compiled again`),
    });
    expect(again).toEqual(models);
    expect(await registry.list()).toHaveLength(3);
  });

  it('makes the backbone ready in 8 bits where that is asked for, once', async () => {
    const steps: string[] = [];
    const options = {
      precision: 'int8',
      onProgress: ({ title }: PreparationProgress) => steps.push(title),
    } as const;
    const { backbone } = await preparePretrainedModels(registry, options);
    const again = await preparePretrainedModels(registry, options);
    expect(steps).toEqual(['mobilefacenet-symface in 8 bits']);
    expect(again.backbone).toEqual(backbone);
    const inFloats = models.backbone.version.manifest as BackboneManifest;
    const { license, calibration, similarityThreshold } = inFloats;
    expect(backbone.version.manifest).toMatchObject({ displayName: 'mobilefacenet-symface-int8', license });
    expect(backbone.version.manifest).toEqual(
      expect.objectContaining(calibration === undefined ? { similarityThreshold } : { calibration }),
    );
    expect(await packagedSources()).toContain(backbone.version.manifest.source);
    const bytes = async ({ folder }: typeof backbone) =>
      (await stat(join(folder, 'mobilefacenet-symface.onnx'))).size;
    expect(await bytes(backbone)).toBeLessThan((await bytes(models.backbone)) / 3);
    // Noise is nobody's face, and what both make of it is nearly the same.
    const crops = noiseCrops(112, 112, 5, 2);
    const [floats, eightBit] = await Promise.all(
      [models.backbone, backbone].map(async (stored) => {
        const embedder = await OnnxFaceEmbedder.load(stored, { intraOpThreads: 1 });
        const embeddings = await embedder.embed(crops);
        await embedder.release();
        return embeddings;
      }),
    );
    for (const [index, embedding] of floats!.entries()) {
      const cosine = cosineSimilarity(l2Normalise(embedding), l2Normalise(eightBit![index]!));
      expect(cosine).toBeGreaterThan(0.9);
      expect(cosine).toBeLessThan(1);
    }
  });

  it('finds no face in noise, in a gradient or in nothing', async () => {
    let state = 1;
    const noise = rendered(() => (state = (Math.imul(state, 1664525) + 1013904223) >>> 0) >>> 24);
    const gradient = rendered((index) => (index / (300 * 300 * 3)) * 255);
    const black = rendered(() => 0);
    for (const image of [noise, gradient, black]) {
      expect(await detector.detect(Photograph.ofImage(image))).toEqual([]);
    }
  });

  it.skipIf(!hasPhotographs).each([
    ['biden2.jpg', 1],
    ['astronaut.png', 1],
    ['obama_partial_face.jpg', 1],
    ['two_people.jpg', 2],
    // A third person's face, half in shadow and turned away, is not found.
    ['obama_and_biden.jpg', 2],
  ])('finds the faces of %s: %i', async (file, count) => {
    const photograph = await new SharpImageDecoder().open(await readFile(new URL(file, photographs)));
    const faces = await detector.detect(photograph);
    expect(faces).toHaveLength(count);
    for (const { landmarks, box, probability } of faces) {
      expect(probability).toBeGreaterThan(0.5);
      expect(landmarks.leftEye.x).toBeLessThan(landmarks.rightEye.x);
      expect(landmarks.leftMouthCorner.x).toBeLessThan(landmarks.rightMouthCorner.x);
      expect(landmarks.nose.y).toBeGreaterThan(box.y);
      expect(landmarks.nose.y).toBeLessThan(box.y + box.height);
    }
  });
});

function rendered(valueAt: (index: number) => number): RgbImage {
  const side = 300;
  return {
    width: side,
    height: side,
    pixels: Uint8Array.from({ length: side * side * 3 }, (_, index) => valueAt(index)),
  };
}
