import { describe, expect, it, vi } from 'vitest';
import { arcFaceTemplate } from '../../core/faces/alignment-template.js';
import { Photograph } from '../decode/photograph.js';
import type { SharpImageDecoder } from '../decode/sharp-image-decoder.js';
import type { AnalysisRequest } from './face-analysis.js';
import { ImageAnalyser } from './image-analyser.js';

const request: AnalysisRequest = {
  encoded: new Uint8Array(),
  kind: 'photograph',
  selection: 'all',
  wantEmbeddings: true,
  wantCrops: false,
};
const never = new AbortController().signal;

/** An analyser whose detector finds so many faces; it ends where it begins to embed. */
function analyserOf(faceCount: number) {
  const face = {
    box: { x: 0, y: 0, width: 112, height: 112 },
    landmarks: arcFaceTemplate.landmarks,
    probability: 1,
  };
  const embed = vi.fn(() => Promise.reject(new Error('embedding begins')));
  const detect = vi.fn(() => Promise.resolve(Array.from({ length: faceCount }, () => face)));
  const photograph = Photograph.ofImage({ width: 112, height: 112, pixels: new Uint8Array(112 * 112 * 3) });
  const analyser = new ImageAnalyser({
    decoder: { open: () => Promise.resolve(photograph) } as unknown as SharpImageDecoder,
    detector: { detect },
    embedder: { alignment: arcFaceTemplate, typicalNorm: 1, embed } as never,
    quality: { assess: vi.fn() },
  });
  return { analyser, embed, detect };
}

describe('faces of one photograph', () => {
  it.each([
    [256, false],
    [64, true],
  ])('are described up to %d where crops are wanted is %s', async (maximum, wantCrops) => {
    const wanted = { ...request, wantCrops };
    await expect(analyserOf(maximum).analyser.analyse(wanted, never)).rejects.toThrow('embedding begins');
    const { analyser, embed } = analyserOf(maximum + 1);
    await expect(analyser.analyse(wanted, never)).rejects.toMatchObject({
      reason: 'MULTIPLE_FACES',
      metadata: { face_count: String(maximum + 1), maximum_faces: String(maximum) },
    });
    expect(embed).not.toHaveBeenCalled();
  });

  it('are looked for with a limit, which one face that is chosen has by how it is chosen', async () => {
    const { analyser, detect } = analyserOf(1_000);
    await expect(analyser.analyse({ ...request, selection: 'largest' }, never)).rejects.toThrow(
      'embedding begins',
    );
    expect(detect).toHaveBeenLastCalledWith(expect.anything(), {
      maximum: 128,
      rank: expect.any(Function) as unknown,
    });
    await expect(analyser.analyse(request, never)).rejects.toThrow('faces');
    expect(detect).toHaveBeenLastCalledWith(expect.anything(), { maximum: 384, rank: undefined });
  });
});
