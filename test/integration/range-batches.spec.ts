import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { pictureOf } from '../support/training-images.js';
import { NetworkWriter, smallManifest } from '../support/small-networks.js';
import { arcFaceTemplate } from '../../src/core/faces/alignment-template.js';
import { encodePng } from '../../src/inference/decode/sharp-image-encoder.js';
import { PixelTensorEncoder } from '../../src/inference/runtime/pixel-tensor.js';
import { rangeBatches, calibrationFaces } from '../../src/training/quantisation/range-batches.js';
import { quantiseBackbone } from '../../src/inference/quantise/quantise-backbone.js';

const seeds = Array.from({ length: 11 }, (_, index) => index + 1);
const threadEntryPoint = fileURLToPath(new URL('../../dist/training/data/batch-thread.js', import.meta.url));
const manifest = { alignment: arcFaceTemplate, input: smallManifest.input };

describe('faces to measure activations on', () => {
  let folder: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'symface-calibration-'));
    for (const seed of seeds) {
      await mkdir(join(folder, `person-${seed % 3}`), { recursive: true });
      await writeFile(join(folder, `person-${seed % 3}`, `${seed}.png`), await encodePng(pictureOf(seed)));
    }
  });

  afterAll(async () => {
    await rm(folder, { recursive: true });
  });

  async function batchesOf(faceCount: number) {
    const location = { format: 'identity-folder', path: folder, subfolder: '' } as const;
    const found: { data: Float32Array; dimensions: readonly number[] }[] = [];
    for await (const batch of rangeBatches(
      { location, imageKind: 'aligned-crop', faceCount, threadEntryPoint },
      manifest,
    ))
      found.push(batch);
    return found;
  }

  it('are the pixels as the service encodes them, upright or mirrored, each once', async () => {
    const batches = await batchesOf(100);
    expect(batches.map(({ dimensions }) => dimensions)).toEqual([
      [8, 3, 112, 112],
      [3, 3, 112, 112],
    ]);
    const encoder = new PixelTensorEncoder(manifest.input);
    const length = 3 * 112 * 112;
    const left = new Set(seeds);
    for (const { data, dimensions } of batches) {
      for (let row = 0; row < dimensions[0]!; row++) {
        const face = data.subarray(row * length, (row + 1) * length);
        const match = [...left].find((seed) =>
          [false, true].some((mirrored) => {
            const expected = encoder.encode([{ image: pictureOf(seed), mirrored }]).data;
            return expected.every((value, index) => Math.abs(value - face[index]!) < 1e-4);
          }),
        );
        expect(match).toBeDefined();
        left.delete(match!);
      }
    }
    expect(left.size).toBe(0);
  });

  it('come one by one for a graph that takes one', async () => {
    const network = new NetworkWriter();
    const features = network.convolution('image', [4, 3, 7, 7], { strides: [7, 7] });
    const pooled = network.node('ReduceMean', [network.node('Relu', [features])], {
      axes: [2, 3],
      keepdims: 0,
    });
    const graph = network.model(pooled, { side: 112, batch: 1 });
    const location = { format: 'identity-folder', path: folder, subfolder: '' } as const;
    const faces = { location, imageKind: 'aligned-crop', faceCount: 5, threadEntryPoint } as const;
    const measured: number[] = [];
    const manifest = {
      ...smallManifest,
      alignment: arcFaceTemplate,
      graph: { fileName: 'a.onnx', sha256: '' },
    };
    const { leastCosine, manifest: quantised } = await quantiseBackbone(
      graph,
      manifest,
      calibrationFaces(faces, manifest),
      (count) => measured.push(count),
    );
    expect(measured).toEqual([1, 2, 3, 4, 5]);
    expect(leastCosine).toBeGreaterThan(0.99);
    expect(quantised).toMatchObject({ displayName: 'small-int8', precision: 'int8' });
  });

  it('are no more than asked for', async () => {
    const batches = await batchesOf(9);
    expect(batches.map(({ dimensions }) => dimensions[0])).toEqual([8, 1]);
  });
});
