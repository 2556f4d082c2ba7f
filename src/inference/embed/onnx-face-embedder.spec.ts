import { describe, expect, it, vi } from 'vitest';

import { tinyBackbone, type TinyBackboneOptions } from '../../../test/support/tiny-models.js';
import type { RgbImage } from '../../core/images/rgb-image.js';
import type { BackboneManifest } from '../../core/models/manifest.js';
import { arcFacePreset } from '../../core/models/presets.js';
import { OnnxFaceEmbedder } from './onnx-face-embedder.js';
import { OnnxSession } from '../runtime/onnx-session.js';

const DIMENSION = 4;

function crop(red: number, green: number, blue: number): RgbImage {
  const pixels = Uint8Array.from({ length: 112 * 112 * 3 }, (_, i) => [red, green, blue][i % 3]!);
  return { width: 112, height: 112, pixels };
}

async function embedder(
  testTimeAugmentation: 'none' | 'horizontal-flip',
  graph: TinyBackboneOptions = {},
): Promise<OnnxFaceEmbedder> {
  const session = await OnnxSession.load(tinyBackbone({ dimension: DIMENSION, ...graph }), {
    intraOpThreads: 1,
  });
  return new OnnxFaceEmbedder(session, manifestOf(testTimeAugmentation));
}

function manifestOf(testTimeAugmentation: 'none' | 'horizontal-flip'): BackboneManifest {
  return {
    ...arcFacePreset({ dimension: DIMENSION, testTimeAugmentation }),
    displayName: 'tiny',
    license: 'MIT',
    source: 'made up',
    graph: { fileName: 'tiny.onnx', sha256: '0'.repeat(64) },
  };
}

/** What the tiny network gives for a crop of one colour. */
function expected(red: number, green: number, blue: number): number[] {
  const means = [red, green, blue].map((value) => (value - 127.5) / 128);
  return Array.from({ length: DIMENSION }, (_, column) =>
    means.reduce((total, mean, row) => total + mean * Math.sin(row * DIMENSION + column + 1), 0),
  );
}

function expectClose(actual: Float32Array | undefined, wanted: readonly number[]): void {
  expect(actual).toHaveLength(wanted.length);
  wanted.forEach((value, index) => {
    expect(actual![index]).toBeCloseTo(value, 4);
  });
}

describe('OnnxFaceEmbedder', () => {
  it('embeds a batch in order', async () => {
    const embeddings = await (await embedder('none')).embed([crop(255, 0, 10), crop(7, 99, 200)]);
    expectClose(embeddings[0], expected(255, 0, 10));
    expectClose(embeddings[1], expected(7, 99, 200));
  });

  it('sums the embeddings of crop and mirror', async () => {
    const embeddings = await (await embedder('horizontal-flip')).embed([crop(255, 0, 10), crop(7, 99, 200)]);
    expectClose(
      embeddings[1],
      expected(7, 99, 200).map((value) => 2 * value),
    );
  });

  it('runs one at a time where the graph takes no more', async () => {
    const single = await embedder('horizontal-flip', { batch: 1 });
    const embeddings = await single.embed([crop(255, 0, 10), crop(7, 99, 200)]);
    expectClose(
      embeddings[0],
      expected(255, 0, 10).map((value) => 2 * value),
    );
  });

  it.each([
    { intraOpThreads: 1, batches: [4, 4, 4, 2] },
    { intraOpThreads: 2, batches: [8, 6] },
  ])('runs so many images at a time as $intraOpThreads threads compute in their caches', async (given) => {
    const { intraOpThreads, batches } = given;
    const session = await OnnxSession.load(tinyBackbone({ dimension: DIMENSION }), { intraOpThreads });
    const runs = vi.spyOn(session, 'run');
    const crops = Array.from({ length: 7 }, (_, index) => crop(30 * index, 255 - 30 * index, 10));
    const embeddings = await new OnnxFaceEmbedder(session, manifestOf('horizontal-flip')).embed(crops);
    expect(runs.mock.calls.map(([{ dimensions }]) => dimensions[0])).toEqual(batches);
    expect(embeddings).toHaveLength(7);
    for (const [index, embedding] of embeddings.entries())
      expectClose(
        embedding,
        expected(30 * index, 255 - 30 * index, 10).map((value) => 2 * value),
      );
  });

  it('gives nothing for nothing', async () => {
    expect(await (await embedder('none')).embed([])).toEqual([]);
  });

  it('refuses crops of another size', async () => {
    const small = { width: 96, height: 112, pixels: new Uint8Array(96 * 112 * 3) };
    await expect((await embedder('none')).embed([small])).rejects.toThrow(RangeError);
  });

  it.each([
    ['another dimension', { dimension: 5 }],
    ['numbers that are not finite', { weights: new Array<number>(12).fill(Infinity) }],
  ])('refuses a graph that gives %s', async (_case, graph) => {
    const broken = await embedder('none', graph);
    await expect(broken.embed([crop(1, 2, 3)])).rejects.toMatchObject({ reason: 'MODEL_INVALID' });
  });
});
