import { describe, expect, it } from 'vitest';

import { readFileSync } from 'node:fs';

import { referenceDetectorFiles } from '../../../test/support/reference-detectors.js';
import { hasSharedData, sharedPath } from '../../../test/support/shared-data.js';
import { backboneWithExternalWeights } from '../../../test/support/onnx-files.js';
import { constantNetwork, tinyBackbone } from '../../../test/support/tiny-models.js';
import type { BackboneManifest, DetectorManifest } from '../../core/models/manifest.js';
import { arcFacePreset, detectorPresets } from '../../core/models/presets.js';
import { inspectModel } from './inspect-model.js';

const described = { displayName: 'tiny', license: 'MIT', source: 'made up' };
const file = { fileName: 'tiny.onnx', sha256: '0'.repeat(64) };
const backbone: BackboneManifest = { ...arcFacePreset({ dimension: 4 }), ...described, graph: file };
const oneThread = { intraOpThreads: 1 };

function detectorManifest(family: keyof typeof detectorPresets): DetectorManifest {
  return { ...detectorPresets[family], ...described, graphs: { detector: file } };
}

describe('inspectModel', () => {
  it('passes a backbone that fits its manifest and measures it', async () => {
    const { inferenceMs } = await inspectModel(backbone, tinyBackbone(), oneThread);
    expect(inferenceMs).toBeGreaterThan(0);
    await inspectModel(backbone, tinyBackbone({ batch: 1 }), oneThread);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['an input of another size', tinyBackbone({ side: 96 }), /\[\?, 3, 96, 96\].*\[1, 3, 112, 112\]/],
    ['another dimension', tinyBackbone({ dimension: 8 }), /\[1, 8\] where \[1, 4\]/],
    ['a fixed batch of several', tinyBackbone({ batch: 2 }), /\[2, 3, 112, 112\]/],
    ['numbers that are not finite', tinyBackbone({ weights: new Array<number>(12).fill(NaN) }), /not finite/],
    [
      'the same embedding for every image',
      tinyBackbone({ weights: new Array<number>(12).fill(0) }),
      /same embedding/,
    ],
    ['weights in another file', backboneWithExternalWeights, /external data/],
  ])('refuses a backbone with %s', async (_case, graph, message) => {
    await expect(inspectModel(backbone, graph, oneThread)).rejects.toMatchObject({
      reason: 'MODEL_INVALID',
      message: expect.stringMatching(message) as string,
    });
  });

  it.each([
    ['nothing', new Uint8Array()],
    ['garbage', Uint8Array.from({ length: 5000 }, (_, i) => (i * 7919) % 251)],
    ['text', new TextEncoder().encode('this is no model\n'.repeat(50))],
    ['a graph that is cut off', tinyBackbone().subarray(0, 200)],
  ])('refuses %s', async (_case, bytes) => {
    await expect(inspectModel(backbone, bytes, oneThread)).rejects.toMatchObject({ reason: 'MODEL_INVALID' });
  });

  it('refuses a detector with the outputs of another family', async () => {
    const boxes = { name: 'boxes', dims: [1, 16800, 4], values: new Float32Array(16800 * 4) };
    const graph = constantNetwork([1, 3, 640, 640], [boxes]);
    for (const family of ['retinaface', 'scrfd', 'yunet'] as const) {
      await expect(inspectModel(detectorManifest(family), graph, oneThread)).rejects.toMatchObject({
        reason: 'MODEL_INVALID',
        message: expect.stringMatching(/outputs are \[1, 16800, 4\]/) as string,
      });
    }
  });

  it('refuses a RetinaFace that was exported without its softmax', async () => {
    const output = (name: string, rowLength: number, value: number) => ({
      name,
      dims: [1, 16800, rowLength],
      values: new Float32Array(16800 * rowLength).fill(value),
    });
    const graph = constantNetwork(
      [1, 3, 640, 640],
      [output('boxes', 4, 0), output('class', 2, 3.5), output('landmarks', 10, 0)],
    );
    await expect(inspectModel(detectorManifest('retinaface'), graph, oneThread)).rejects.toThrow(/softmax/);
  });
});

describe.skipIf(!hasSharedData('inspection of real models'))('inspectModel on real models', () => {
  const bytesOf = (fileName: string): Uint8Array => readFileSync(sharedPath('models', fileName));

  it.each(referenceDetectorFiles)('passes $fileName as $family only', async ({ fileName, family }) => {
    const graph = bytesOf(fileName);
    const { inferenceMs } = await inspectModel(detectorManifest(family), graph, oneThread);
    console.log(`${fileName}: ${inferenceMs.toFixed(1)} ms on one thread`);
    const other = family === 'yunet' ? 'scrfd' : 'yunet';
    await expect(inspectModel(detectorManifest(other), graph, oneThread)).rejects.toMatchObject({
      reason: 'MODEL_INVALID',
    });
  });

  it('passes MobileFaceNet with 128 numbers, not with 512', async () => {
    const graph = bytesOf('mobilefacenet_128_dynamic.onnx');
    const withDimension = (dimension: number): BackboneManifest => ({
      ...backbone,
      embedding: { ...backbone.embedding, dimension },
    });
    const { inferenceMs } = await inspectModel(withDimension(128), graph, oneThread);
    console.log(`mobilefacenet_128_dynamic.onnx: ${inferenceMs.toFixed(1)} ms on one thread`);
    await expect(inspectModel(withDimension(512), graph, oneThread)).rejects.toThrow(/\[1, 128\]/);
  });
});
