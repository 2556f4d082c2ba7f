import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';

import {
  DLIB_RESNET_DIMENSION,
  DLIB_RESNET_INPUT_PIXELS,
  dlibResNet,
  type DlibResNetParameters,
} from './dlib-resnet.js';

interface FaceApi {
  readonly FaceRecognitionNet: new () => {
    loadFromWeightMap(weights: tf.NamedTensorMap): void;
    forward(images: tf.Tensor4D): Promise<tf.Tensor2D>;
  };
}

const require = createRequire(import.meta.url);

/** face-api's Node build asks for tfjs-node, a native package; this gives it plain tfjs instead. */
function loadFaceApiOnPlainTfjs(): FaceApi {
  const source = readFileSync(require.resolve('@vladmandic/face-api/dist/face-api.node.js'), 'utf8');
  const module = { exports: {} };
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- the peer's own bundle, as CommonJS loads it
  const load = new Function('require', 'module', 'exports', source) as (...bindings: unknown[]) => void;
  const requireForFaceApi = (name: string): unknown =>
    name === '@tensorflow/tfjs-node' ? tf : require(name);
  load(requireForFaceApi, module, module.exports);
  return module.exports as FaceApi;
}

function readParameters(): Record<string, tf.Tensor> {
  const path = (name: string): string =>
    require.resolve(`@vladmandic/face-api/model/face_recognition_model${name}`);
  const manifest = JSON.parse(
    readFileSync(path('-weights_manifest.json'), 'utf8'),
  ) as tf.io.WeightsManifestConfig;
  const bytes = readFileSync(path('.bin'));
  return tf.io.decodeWeights(
    new Uint8Array(bytes).buffer,
    manifest.flatMap(({ weights }) => weights),
  );
}

/** Smooth, non-symmetric and different in each channel, so that a swapped axis or channel shows. */
function testImage(): tf.Tensor4D {
  const side = DLIB_RESNET_INPUT_PIXELS;
  const values = Float32Array.from({ length: side * side * 3 }, (_, index) => {
    const channel = index % 3;
    const x = Math.floor(index / 3) % side;
    const y = Math.floor(index / 3 / side);
    return Math.round(127.5 + 127 * Math.sin(0.05 * x * (channel + 1)) * Math.cos(0.11 * y + channel));
  });
  return tf.tensor4d(values, [1, side, side, 3]);
}

describe('dlibResNet', () => {
  let parameters: DlibResNetParameters;

  beforeAll(async () => {
    await tf.setBackend('cpu');
    parameters = readParameters();
  });

  it('gives what face-api gives for the same pixels', async () => {
    const peer = new (loadFaceApiOnPlainTfjs().FaceRecognitionNet)();
    peer.loadFromWeightMap(readParameters());
    const image = testImage();
    const expected = (await peer.forward(image)).dataSync();

    // face-api divides by 255 where dlib divides by 256.
    const normalised = tf.div<tf.Tensor4D>(tf.sub(image, [122.782, 117.001, 104.298]), 255);
    const embedding = dlibResNet(parameters, normalised);

    expect(embedding.shape).toEqual([1, DLIB_RESNET_DIMENSION]);
    const differences = embedding.dataSync().map((value, index) => Math.abs(value - expected[index]!));
    expect(Math.max(...differences)).toBeLessThan(1e-6);
    expect(Math.hypot(...expected)).toBeGreaterThan(0.5);
  });

  it('names the parameter that is missing', () => {
    const { fc, ...withoutLast } = parameters;
    expect(fc).toBeDefined();
    const images = tf.zeros<tf.Rank.R4>([1, DLIB_RESNET_INPUT_PIXELS, DLIB_RESNET_INPUT_PIXELS, 3]);
    expect(() => dlibResNet(withoutLast, images)).toThrow(/lack fc/);
  });
});
