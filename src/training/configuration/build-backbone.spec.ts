import { createHash } from 'node:crypto';
import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import * as tf from '@tensorflow/tfjs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { embeddingDifference, embeddingsOf } from '../../../test/support/pixel-embeddings.js';
import { imageNetNetwork, imageNetPixels, NetworkWriter } from '../../../test/support/small-networks.js';
import { pictureOf } from '../../../test/support/training-images.js';
import { arcFaceTemplate, dlibTemplate } from '../../core/faces/alignment-template.js';
import type { BackboneManifest } from '../../core/models/manifest.js';
import { arcFacePreset } from '../../core/models/presets.js';
import { createBackbone } from '../../learning/backbones/backbone.js';
import { backboneArchitecture } from '../../learning/backbones/catalogue.js';
import { initialWeights } from '../../learning/weights/initial-weights.js';
import { requireWeightsOf } from '../../learning/weights/backbone-variables.js';
import { buildBackbone, type BuiltBackbone } from './build-backbone.js';
import { trainedManifest } from '../export/export-model.js';
import { compileServingGraph } from '../../learning/backbones/serving-graph.js';
import { parseTrainingConfiguration } from './training-configuration.js';

const crops = [1, 2, 3].map((seed) => pictureOf(seed));
const model = imageNetNetwork();
let folder: string;

/** @param backbone the setting, as YAML */
async function configured(backbone: string): Promise<BuiltBackbone> {
  const text = `
name: test
data: { format: identity-folder, path: faces, kind: aligned-crop }
backbone: ${backbone}
loss: { name: arcface }
epochs: 1
batchSize: 8
learningRate: { initial: 0.1 }`;
  const configuration = parseTrainingConfiguration(text, 'test.yaml');
  return buildBackbone({ configuration, pathOf: (named) => join(folder, named) });
}

/** As the service embeds with the file itself, told how its pixels are prepared. */
async function originalEmbeddings(pixels: Partial<BackboneManifest['input']>) {
  const preset = arcFacePreset({ dimension: 8 });
  const manifest = { ...preset, input: { ...preset.input, ...pixels } } as BackboneManifest;
  return embeddingsOf(model, manifest, crops);
}

async function exportedEmbeddings({ backbone, alignment, weights, origin }: BuiltBackbone) {
  const graph = compileServingGraph(backbone, weights!);
  const manifest = trainedManifest(backbone, alignment, graph, {
    name: 'test',
    license: 'MIT',
    source: origin,
  });
  return embeddingsOf(graph, manifest, crops);
}

describe('a backbone from an ONNX file', () => {
  beforeAll(async () => {
    await tf.setBackend('cpu');
    folder = await mkdtemp(join(tmpdir(), 'symface-onnx-'));
    await writeFile(join(folder, 'small.onnx'), model);
  });

  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  it('embeds pixels as the file does with the preprocessing that is stated', async () => {
    const { channelOrder, mean, scale } = imageNetPixels;
    const stated = `{ channelOrder: ${channelOrder}, mean: [${mean.join()}], scale: [${scale.join()}] }`;
    const given = await configured(`{ onnx: small.onnx, preprocessing: ${stated} }`);
    const expected = await originalEmbeddings(imageNetPixels);
    expect(embeddingDifference(await exportedEmbeddings(given), expected)).toBeLessThan(1e-5);
    // Any other preparation shows.
    const unstated = await exportedEmbeddings(await configured('{ onnx: small.onnx }'));
    expect(embeddingDifference(unstated, expected)).toBeGreaterThan(1e-2);
  });

  it('takes pixels as `models import` has it where nothing is stated', async () => {
    const given = await configured('{ onnx: small.onnx }');
    const expected = await originalEmbeddings({});
    expect(embeddingDifference(await exportedEmbeddings(given), expected)).toBeLessThan(1e-5);
  });

  it('has the sizes of the graph, its own weights, and says where it came from', async () => {
    const { backbone, weights, origin, graphSha256 } = await configured('{ onnx: small.onnx }');
    expect(backbone).toMatchObject({
      name: 'small',
      embeddingSize: 8,
      inputSize: { height: 112, width: 112 },
    });
    expect(() => {
      requireWeightsOf(backbone, weights!);
    }).not.toThrow();
    expect(graphSha256).toBe(createHash('sha256').update(model).digest('hex'));
    expect(origin).toBe(`small.onnx (sha256 ${graphSha256})`);
  });

  it('has faces aligned as is stated, else to ArcFace’s template, and the size must be the network’s', async () => {
    expect((await configured('{ onnx: small.onnx }')).alignment).toBe(arcFaceTemplate);
    const own = { ...arcFaceTemplate, name: 'own' };
    const stated = await configured(
      `{ onnx: small.onnx, preprocessing: { alignment: ${JSON.stringify(own)} } }`,
    );
    expect(stated.alignment).toEqual(own);
    await expect(
      configured('{ onnx: small.onnx, preprocessing: { alignment: dlib-150 } }'),
    ).rejects.toMatchObject({
      reason: 'INVALID_ARGUMENT',
      message: expect.stringContaining(
        'dlib-150 makes crops of 150x150 pixels, and small.onnx takes 112x112',
      ) as string,
    });
    await expect(
      configured('{ onnx: small.onnx, preprocessing: { alignment: none } }'),
    ).rejects.toMatchObject({ message: expect.stringContaining('no such template') as string });
  });

  it('may give its weights to the design that it is', async () => {
    const design = createBackbone(backboneArchitecture('mobilefacenet'), { embeddingSize: 8 });
    const drawn = initialWeights(design, 4);
    await writeFile(join(folder, 'mobile.onnx'), compileServingGraph(design, drawn));
    const stated = '{ design: mobilefacenet, embeddingSize: 8, weights: { onnx: mobile.onnx } }';
    const { weights, origin, graphSha256 } = await configured(stated);
    expect(weights!.get('widen.activation.slopes')).toEqual(drawn.get('widen.activation.slopes'));
    expect(origin).toBe(`mobilefacenet from mobile.onnx (sha256 ${graphSha256})`);
    await expect(configured(stated.replace('Size: 8', 'Size: 16'))).rejects.toMatchObject({
      reason: 'MODEL_INVALID',
      message: expect.stringContaining("the file's network is not mobilefacenet") as string,
    });
  });

  it('may be the network that npm ships', async () => {
    const { backbone, alignment, weights, origin, graphSha256 } = await configured(
      '{ pretrained: dlib-resnet }',
    );
    expect(() => {
      requireWeightsOf(backbone, weights!);
    }).not.toThrow();
    expect(alignment).toBe(dlibTemplate);
    expect(origin).toContain(graphSha256);
  });

  it('is refused where it is not there, no ONNX, or has an operator without a rule', async () => {
    await writeFile(join(folder, 'text.onnx'), 'no graph');
    const network = new NetworkWriter();
    const features = network.node('Flatten', [network.convolution('image', [4, 3, 3, 3])]);
    await writeFile(join(folder, 'odd.onnx'), network.model(network.node('Det', [features])));
    await expect(configured('{ onnx: none.onnx }')).rejects.toMatchObject({
      reason: 'INVALID_ARGUMENT',
      message: 'backbone.onnx: none.onnx cannot be read',
    });
    await writeFile(join(folder, 'large.onnx'), '');
    await truncate(join(folder, 'large.onnx'), 2 ** 31);
    await expect(configured('{ onnx: large.onnx }')).rejects.toMatchObject({
      reason: 'INVALID_ARGUMENT',
      message: 'backbone.onnx: large.onnx cannot be read: it has more than 2 GiB',
    });
    await expect(configured('{ onnx: text.onnx }')).rejects.toMatchObject({ reason: 'MODEL_INVALID' });
    await expect(configured('{ onnx: odd.onnx }')).rejects.toMatchObject({
      reason: 'MODEL_INVALID',
      message: expect.stringContaining('Det') as string,
    });
    await expect(configured('{ onnx: small.onnx, preprocessing: { layout: NHWC } }')).rejects.toMatchObject({
      reason: 'MODEL_INVALID',
      message: expect.stringContaining('NHWC') as string,
    });
  });
});
