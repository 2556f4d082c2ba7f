import { describe, expect, it } from 'vitest';

import { uniformGenerator } from '../../core/random/seeded-random.js';
import type { RgbImage } from '../../core/images/rgb-image.js';
import { embeddingsByLook, fittedGate } from './gated-embeddings.js';
import { loadFaceLooks, looksOf } from './face-looks.js';

const uniform = uniformGenerator(3);

/** Noise around a grey level: a crop without a face is as good to look at. */
function crops(level: number, amplitude: number, count: number): readonly RgbImage[] {
  return Array.from({ length: count }, () => ({
    ...{ width: 112, height: 112 },
    pixels: Uint8Array.from({ length: 112 * 112 * 3 }, () => level + amplitude * (uniform() - 0.5)),
  }));
}

describe('a gate before networks to choose from', () => {
  it('passes what looks like the faces trained on, and keeps what others had', async () => {
    const generalLooks = await looksOf(crops(160, 60, 12), 1);
    const heldOut = [...crops(30, 20, 19), ...crops(160, 60, 1)];
    const gate = await fittedGate({ adapted: crops(30, 20, 8), heldOut, generalLooks, threads: 1 });
    expect(gate?.figures).toEqual({ recognised: 0.95, mistaken: 0 });
    const rows = (value: number): Float32Array[] => heldOut.map(() => Float32Array.of(value));
    const faces = { ...gate!, general: new Uint8Array(), generalEmbeddings: rows(2) };
    expect(embeddingsByLook(faces, rows(1)).map(([value]) => value)).toEqual([
      ...Array<number>(19).fill(1),
      2,
    ]);
  });

  it('is none where faces look as others do', async () => {
    const generalLooks = await looksOf(crops(160, 60, 12), 1);
    const evidence = { adapted: crops(160, 60, 12), heldOut: crops(160, 60, 12), generalLooks, threads: 1 };
    expect(await fittedGate(evidence)).toBeUndefined();
  });
});

describe('looks of faces that come with SymFace', () => {
  it('are of many, and as long as those of a crop', async () => {
    const looks = await loadFaceLooks();
    expect(looks).toHaveLength(1906);
    expect(looks[0]).toHaveLength((await looksOf(crops(90, 9, 1), 1))[0]!.length);
    expect(looks.flatMap((look) => [...look]).every(Number.isFinite)).toBe(true);
  });

  it('are refused where the file is another one', async () => {
    const other = new URL('../../../models/face-quality/weights.safetensors', import.meta.url);
    await expect(loadFaceLooks(other)).rejects.toMatchObject({ reason: 'MODEL_INVALID' });
  });
});
