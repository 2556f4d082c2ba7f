import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import * as tf from '@tensorflow/tfjs';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';

import { buildBackbone } from '../../src/training/configuration/build-backbone.js';
import { trainedManifest } from '../../src/training/export/export-model.js';
import { readOnnx } from '../../src/onnx/read-onnx.js';
import { compileServingGraph } from '../../src/learning/backbones/serving-graph.js';
import { parseTrainingConfiguration } from '../../src/training/configuration/training-configuration.js';
import { compileToOnnx } from '../../src/compiler/index.js';
import type { RgbImage } from '../../src/core/images/rgb-image.js';
import type { WeightArray, Weights } from '../../src/core/models/weights.js';
import type { Backbone } from '../../src/learning/backbones/backbone.js';
import {
  importBackbone,
  type ImportedBackbone,
  type ImportOptions,
} from '../../src/learning/imported-backbone/import-backbone.js';
import { backboneVariables } from '../../src/learning/weights/backbone-variables.js';
import { evaluate } from '../compiler/eager-comparison.js';
import {
  compareGradients,
  gradientNames,
  GRADIENT_TOLERANCE,
  trainingPass,
} from '../support/backbone-gradients.js';
import { imagesOf } from '../support/backbone-inputs.js';
import { useFastCpuGradients } from '../support/fast-cpu-gradients.js';
import { exportDifference, OWN_INPUT } from '../support/imported-networks.js';
import { embeddingDifference, embeddingsOf } from '../support/pixel-embeddings.js';
import { hasSharedData, lfwPhotographs, sharedPath } from '../support/shared-data.js';

const TOLERANCE = 1e-5;
/** What share of the loss a step should take off, as its gradients promise. */
const PROMISED_SHARE = 0.01;

const channelsFirst = (images: tf.Tensor4D): tf.Tensor => tf.transpose(images, [0, 3, 1, 2]);

function importFile(
  path: string,
  input: ImportOptions['input'],
): { model: Uint8Array; imported: ImportedBackbone } {
  const model = readFileSync(path);
  const options = { name: 'imported', source: path, input, embeddingSize: 128 };
  return { model, imported: importBackbone(readOnnx(model).graph, options) };
}

/** Numbers without any order, as no image has them. */
function noise({ inputSize: { height, width } }: Backbone, batch: number): tf.Tensor4D {
  return tf.randomUniform([batch, height, width, 3], -1, 1, 'float32', 11);
}

/** What a configuration must say besides the network. */
const fineTuning = `name: imported, data: { format: identity-folder, path: none, kind: aligned-crop },
  loss: { name: arcface }, epochs: 1, batchSize: 8, learningRate: { initial: 0.01 }`;

/** The middle of photographs of LFW, which the faces fill. */
async function facePictures({ inputSize: { height, width } }: Backbone, count: number): Promise<RgbImage[]> {
  return Promise.all(
    lfwPhotographs(count).map(async (path) => ({
      height,
      width,
      pixels: await sharp(path)
        .extract({ left: 60, top: 60, width: 130, height: 130 })
        .resize(width, height, { fit: 'fill' })
        .removeAlpha()
        .raw()
        .toBuffer(),
    })),
  );
}

/** The same as networks take them. */
async function faceCrops(backbone: Backbone, count: number): Promise<tf.Tensor4D> {
  const { height, width } = backbone.inputSize;
  const crops = await facePictures(backbone, count);
  const pixels = Float32Array.from(Buffer.concat(crops.map((crop) => crop.pixels)));
  return tf.tidy(() => tf.div(tf.sub(tf.tensor4d(pixels, [count, height, width, 3]), 127.5), 128));
}

/** A training pass as the engine runs it: compiled for one batch, weights as inputs. */
function compiledPass(
  backbone: Backbone,
  batch: number,
): (weights: Weights) => Promise<Map<string, Float32Array>> {
  const images = imagesOf(backbone, batch);
  const shapes: Readonly<Record<string, readonly number[]>> = {
    images: images.shape,
    ...Object.fromEntries(
      [...backbone.parameters, ...backbone.statistics].map(({ name, shape }) => [name, shape]),
    ),
  };
  const names = Object.keys(shapes);
  const model = compileToOnnx({
    name: 'training-pass',
    inputs: names.map((name) => ({ name, shape: shapes[name]!, dtype: 'float32' })),
    outputs: ['loss', ...gradientNames(backbone)],
    run: trainingPass(backbone, 'frozen', names, []),
  });
  return async (weights) => {
    const variables = backboneVariables(backbone, weights);
    const outputs = await evaluate(model, { images, ...variables });
    tf.dispose(variables);
    return new Map(Object.entries(outputs).map(([name, { data }]) => [name, data as Float32Array]));
  };
}

/**
 * Weights after a step of plain gradient descent, of the length that lowers the loss by {@link PROMISED_SHARE} if the
 * gradients are right: folded norms leave weights of such different sizes that no one rate fits all networks.
 */
function descended(
  { backbone, weights }: ImportedBackbone,
  results: ReadonlyMap<string, Float32Array>,
): Weights {
  const gradients = backbone.parameters.map((spec) => ({
    ...spec,
    gradient: results.get(`gradient of ${spec.name}`)!,
  }));
  const squares = gradients.reduce(
    (sum, { gradient }) => sum + gradient.reduce((total, value) => total + value * value, 0),
    0,
  );
  const rate = (PROMISED_SHARE * results.get('loss')![0]!) / squares;
  const changed = new Map<string, WeightArray>(weights);
  for (const { name, shape, gradient } of gradients) {
    const values = weights.get(name)!.values.map((value, index) => value - rate * gradient[index]!);
    changed.set(name, { shape, values });
  }
  return changed;
}

/** A wrong gradient of any larger array would keep less of the promise, or none. */
function expectPromiseKept(
  before: ReadonlyMap<string, Float32Array>,
  after: ReadonlyMap<string, Float32Array>,
): void {
  const [first, second] = [before.get('loss')![0]!, after.get('loss')![0]!];
  console.log(
    `loss ${first} before and ${second} after one step, which promised ${first * (1 - PROMISED_SHARE)}`,
  );
  const kept = (first - second) / (first * PROMISED_SHARE);
  expect(kept).toBeGreaterThan(0.7);
  expect(kept).toBeLessThan(1.3);
}

describe.runIf(hasSharedData('training of an imported MobileFaceNet'))('an imported MobileFaceNet', () => {
  let file: ReturnType<typeof importFile>;

  beforeAll(async () => {
    await tf.setBackend('cpu');
    const input = { ...OWN_INPUT, width: 112, height: 112 };
    file = importFile(sharedPath('models', 'mobilefacenet_128_dynamic.onnx'), input);
    return useFastCpuGradients();
  });

  it('has the parameters of its file', () => {
    const { backbone, operators } = file.imported;
    expect(backbone.parameters).toHaveLength(102);
    expect(backbone).toMatchObject({
      parameterCount: 989_952,
      multiplyAdds: 233_810_432,
      embeddingSize: 128,
    });
    expect(operators.get('Conv')).toBe(51);
  });

  it('is exported as it came: noise, waves and faces, in batches of 1 and 3', async () => {
    const { model, imported } = file;
    for (const batch of [1, 3]) {
      const faces = await faceCrops(imported.backbone, batch);
      for (const images of [noise(imported.backbone, batch), imagesOf(imported.backbone, batch), faces]) {
        const difference = await exportDifference(model, imported, images, channelsFirst(images));
        console.log(
          `embeddings differ by ${difference.toExponential(1)} of the largest number, batch ${batch}`,
        );
        expect(difference).toBeLessThan(TOLERANCE);
      }
    }
  });

  it('embeds the pixels of faces as its file does, with the preprocessing that a configuration states', async () => {
    const file = sharedPath('models', 'mobilefacenet_128_dynamic.onnx');
    const backbone = {
      onnx: file,
      preprocessing: { mean: [123.675, 116.28, 103.53], scale: [58.395, 57.12, 57.375] },
    } as const;
    const text = `{ ${fineTuning}, backbone: ${JSON.stringify(backbone)} }`;
    const configuration = parseTrainingConfiguration(text, 'imported.yaml');
    const configured = await buildBackbone({ configuration, pathOf: (named) => named });
    const graph = compileServingGraph(configured.backbone, configured.weights!);
    const origin = { name: 'imported', license: 'unknown', source: configured.origin };
    const manifest = trainedManifest(configured.backbone, configured.alignment, graph, origin);
    const original = { ...manifest, input: { ...manifest.input, ...backbone.preprocessing } };
    const crops = await facePictures(configured.backbone, 8);
    const expected = await embeddingsOf(readFileSync(file), original, crops);
    const difference = embeddingDifference(await embeddingsOf(graph, manifest, crops), expected);
    console.log(`embeddings of pixels differ by ${difference.toExponential(1)} of the largest number`);
    expect(difference).toBeLessThan(TOLERANCE);
  });

  it('embeds eagerly as ONNX Runtime does', async () => {
    const { model, imported } = file;
    const images = await faceCrops(imported.backbone, 1);
    const variables = backboneVariables(imported.backbone, imported.weights);
    const eager = tf.tidy(() =>
      imported.backbone.forward(images, variables, { normalisation: 'frozen' }).embeddings.dataSync(),
    );
    const { embedding } = await evaluate(model, { input: channelsFirst(images) });
    const expected = embedding!.data as Float32Array;
    const largest = expected.reduce((maximum, value) => Math.max(maximum, Math.abs(value)), 0);
    const difference = expected.reduce(
      (maximum, value, index) => Math.max(maximum, Math.abs(value - eager[index]!)),
      0,
    );
    console.log(
      `eager embeddings differ by ${(difference / largest).toExponential(1)} of the largest number`,
    );
    expect(difference / largest).toBeLessThan(TOLERANCE);
  });

  it('learns: all gradients of a batch of 8 are finite and a step along them lowers the loss', async () => {
    const { imported } = file;
    const pass = compiledPass(imported.backbone, 8);
    const before = await pass(imported.weights);
    const gradients = imported.backbone.parameters.map(({ name }) => before.get(`gradient of ${name}`)!);
    expect(gradients.every((gradient) => gradient.every(Number.isFinite))).toBe(true);
    expect(gradients.every((gradient) => gradient.some((value) => value !== 0))).toBe(true);
    const after = await pass(descended(imported, before));
    expectPromiseKept(before, after);
  });

  it('has the gradients of eager tfjs', async () => {
    const { backbone, weights } = file.imported;
    const agreement = await compareGradients(backbone, 1, 'frozen', weights);
    console.log(`gradients: ${JSON.stringify(agreement)}`);
    expect(agreement.loss).toBeLessThan(GRADIENT_TOLERANCE.frozen);
    expect(agreement.gradient).toBeLessThan(GRADIENT_TOLERANCE.frozen);
  });
});

/** The recogniser that `symface prepare` makes of an npm package, where it was run. */
const recogniser = (() => {
  const folder = fileURLToPath(new URL('../../.symface/models', import.meta.url));
  const version = existsSync(folder)
    ? readdirSync(folder).find((name) => /^dlib-resnet-[0-9a-f]{12}$/u.test(name))
    : undefined;
  if (version !== undefined) return join(folder, version, 'dlib-resnet.onnx');
  console.log(
    'skipped: the npm recogniser is not prepared here (symface prepare --backbone dlib-resnet prepares it)',
  );
  return '';
})();

describe.runIf(recogniser !== '')('an imported dlib ResNet', () => {
  it('is exported as it came and learns', async () => {
    await tf.setBackend('cpu');
    const input: ImportOptions['input'] = {
      ...{ ...OWN_INPUT, width: 150, height: 150 },
      ...{ mean: [122.782, 117.001, 104.298], scale: [256, 256, 256] },
    };
    const { model, imported } = importFile(recogniser, input);
    // 29 convolutions with a bias, scale and offset each, and the matrix.
    expect(imported.backbone.parameters).toHaveLength(29 * 4 + 1);
    const images = imagesOf(imported.backbone, 2);
    const pixels = tf.add(tf.mul(images, 128), 127.5);
    const modelImages = tf.div<tf.Tensor4D>(tf.sub(pixels, tf.tensor1d([...input.mean])), 256);
    const difference = await exportDifference(model, imported, images, channelsFirst(modelImages));
    console.log(`dlib: embeddings differ by ${difference.toExponential(1)} of the largest number`);
    expect(difference).toBeLessThan(TOLERANCE);

    const pass = compiledPass(imported.backbone, 2);
    const before = await pass(imported.weights);
    expect([...before.values()].every((values) => values.every(Number.isFinite))).toBe(true);
    const after = await pass(descended(imported, before));
    expectPromiseKept(before, after);
  });
});
