import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { alignCrop } from '../../src/core/faces/aligned-crop.js';
import { arcFaceTemplate, dlibTemplate } from '../../src/core/faces/alignment-template.js';
import { mapLandmarks, type Landmarks } from '../../src/core/faces/landmarks.js';
import type { RgbImage } from '../../src/core/images/rgb-image.js';
import type { BackboneManifest } from '../../src/core/models/manifest.js';
import { arcFacePreset } from '../../src/core/models/presets.js';
import { noiseCrops } from '../../src/core/models/self-check.js';
import { PixelTensorEncoder } from '../../src/inference/runtime/pixel-tensor.js';
import { embeddingsOf } from '../support/pixel-embeddings.js';
import { pythonWith } from '../support/python.js';
import { imageNetNetwork } from '../support/small-networks.js';

const withNumpy = pythonWith('numpy');
const withRuntime = pythonWith('numpy', 'onnxruntime');
if (withNumpy === undefined) {
  console.warn(
    'Skipping examples/embed.py: numpy is not installed here (Debian: apt-get install python3-numpy).',
  );
} else if (withRuntime === undefined) {
  console.warn("Skipping the embeddings of examples/embed.py: Python's onnxruntime is not installed here.");
}

const described = (image: RgbImage) => ({ ...image, pixels: Buffer.from(image.pixels).toString('base64') });

/** What examples/embed.py makes of the cases, each as bytes. */
function inPython(python: string | undefined, cases: readonly object[]): readonly Buffer[] {
  const answer = execFileSync(python ?? '', ['test/numerics/embed_crops.py'], {
    input: JSON.stringify(cases),
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  return (JSON.parse(answer) as string[]).map((text) => Buffer.from(text, 'base64'));
}

/** The landmarks of a face in a photograph: the template's, turned, scaled and moved, and off by some pixels. */
function landmarksAt(scale: number, radians: number, x: number, y: number): Landmarks {
  let seed = 0;
  return mapLandmarks(arcFaceTemplate.landmarks, (point) => {
    seed += 1;
    const [dx, dy] = [(point.x - 56) * scale, (point.y - 56) * scale];
    return {
      x: x + dx * Math.cos(radians) - dy * Math.sin(radians) + Math.sin(seed * 7),
      y: y + dx * Math.sin(radians) + dy * Math.cos(radians) + Math.cos(seed * 5),
    };
  });
}

describe.skipIf(withNumpy === undefined)('examples/embed.py', () => {
  const [photograph] = noiseCrops(640, 480, 3, 1);

  it.each([
    ['smaller than the crop', landmarksAt(0.6, 0.3, 320, 240), arcFaceTemplate],
    ['turned, as large as the crop', landmarksAt(1, -0.8, 320, 240), arcFaceTemplate],
    ['in a corner, beyond the border', landmarksAt(1.7, 0.1, 20, 450), arcFaceTemplate],
    ['shrunk four times', landmarksAt(4.2, 0.2, 330, 250), arcFaceTemplate],
    ['shrunk, and beyond the border', landmarksAt(5.1, -0.4, 600, 60), arcFaceTemplate],
    ["aligned to dlib's template", landmarksAt(2.5, 0.5, 300, 200), dlibTemplate],
  ])('aligns a face as the service does: %s', (_, landmarks, alignment) => {
    const expected = alignCrop(photograph!, landmarks, alignment).pixels;
    const [actual] = inPython(withNumpy, [{ do: 'align', ...described(photograph!), landmarks, alignment }]);
    expect(actual).toHaveLength(expected.length);
    const differences = expected.map((value, index) => Math.abs(value - actual![index]!));
    // Both compute in 64 bits, and round at the very half here and there.
    expect(Math.max(...differences)).toBeLessThanOrEqual(1);
    expect(differences.filter((difference) => difference > 0).length).toBeLessThan(expected.length / 1e4);
  });

  it.each([
    { layout: 'NCHW', channelOrder: 'RGB', mean: [127.5, 127.5, 127.5], scale: [128, 128, 128] },
    { layout: 'NHWC', channelOrder: 'BGR', mean: [104, 117, 123], scale: [1, 2, 3] },
  ] as const)('makes the numbers that the manifest asks for: %j', (input) => {
    const [crop] = noiseCrops(8, 6, 1, 1);
    const expected = new PixelTensorEncoder(input).encode([{ image: crop!, mirrored: false }]).data;
    const [bytes] = inPython(withNumpy, [{ do: 'preprocess', ...described(crop!), input }]);
    const actual = new Float32Array(new Uint8Array(bytes!).buffer);
    expect([...actual]).toEqual([...expected]);
  });
});

describe.skipIf(withRuntime === undefined)('a model folder in Python', () => {
  let folder: string;
  const graph = imageNetNetwork();
  const preset = arcFacePreset({ dimension: 8 });
  const manifest: BackboneManifest = {
    ...preset,
    kind: 'backbone',
    displayName: 'small',
    license: 'MIT',
    source: 'made up',
    embedding: { ...preset.embedding, testTimeAugmentation: 'horizontal-flip' },
    graph: { fileName: 'backbone.onnx', sha256: createHash('sha256').update(graph).digest('hex') },
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'symface-python-'));
    await writeFile(join(folder, 'backbone.onnx'), graph);
    await writeFile(join(folder, 'manifest.json'), JSON.stringify(manifest));
  });

  afterAll(() => rm(folder, { recursive: true }));

  it('embeds as the service does', async () => {
    const [crop] = noiseCrops(112, 112, 5, 1);
    const [raw] = await embeddingsOf(graph, manifest, [crop!]);
    const norm = Math.hypot(...raw!);
    const [bytes] = inPython(withRuntime, [{ do: 'embed', ...described(crop!), folder }]);
    const actual = [...new Float32Array(new Uint8Array(bytes!).buffer)];
    expect(actual).toHaveLength(8);
    for (const [index, value] of actual.entries()) expect(value).toBeCloseTo(raw![index]! / norm, 5);
  });
});
