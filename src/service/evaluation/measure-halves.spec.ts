import { describe, expect, it } from 'vitest';
import type { VerificationDataset } from '../../core/protocols/benchmark-dataset.js';
import type { MeasuredImage } from '../../core/protocols/measured-image.js';
import type { AnalysisBatch, AnalysisRequest } from '../../inference/analyser/face-analysis.js';
import { measureHalves } from './measure-halves.js';

const dataset: VerificationDataset = {
  kind: 'photograph',
  images: ['ada', 'ben', 'cid'].map((identity) => ({ name: `${identity}.jpg`, identity })),
  pairs: [],
  foldCount: 10,
  read: (index) => Promise.resolve(Buffer.from(String(index))),
};
const measured = [0.9, 0.9, 0.9].map((rho) => ({ rho }) as MeasuredImage);

/** @param of the embedding of a half of an image */
const model =
  (of: (image: number) => Float32Array, asked: AnalysisRequest[] = []) =>
  (requests: readonly AnalysisRequest[]): Promise<AnalysisBatch> => {
    asked.push(...requests);
    const outcomes = requests.map(({ encoded }) => {
      const half = of(Number(Buffer.from(encoded).toString()));
      return { ok: true, image: { width: 1, height: 1, faces: [{ halves: { left: half, right: half } }] } };
    });
    return Promise.resolve({ outcomes } as unknown as AnalysisBatch);
  };

const axis = (place: number): Float32Array =>
  Float32Array.from({ length: 3 }, (_, at) => (at === place ? 1 : 0));

describe('halves of a data set', () => {
  it('are best where halves of a face are one and persons apart, worst where all embeddings are one', async () => {
    const good = await measureHalves(dataset, measured, model(axis));
    expect(good).toEqual({ faceCount: 3, distanceRatio: 0, areaUnderCurve: 1 });
    const constant = await measureHalves(
      dataset,
      measured,
      model(() => axis(0)),
    );
    expect(constant).toEqual({ faceCount: 3, distanceRatio: 1, areaUnderCurve: 0.5 });
  });

  it('are asked of symmetric faces alone, and nothing but halves of these', async () => {
    const asked: AnalysisRequest[] = [];
    const turned = [measured[0], { ...measured[1], rho: 0.1 } as MeasuredImage, measured[2]];
    expect((await measureHalves(dataset, turned, model(axis, asked)))?.faceCount).toBe(2);
    expect(asked).toHaveLength(2);
    expect(asked[0]).toMatchObject({ wantHalves: true, wantEmbeddings: false, wantCrops: false });
  });

  it('are not known where nobody is named, or one person alone', async () => {
    const unnamed = {
      ...dataset,
      images: dataset.images.map((image) => ({ ...image, identity: undefined })),
    };
    expect(await measureHalves(unnamed, measured, model(axis))).toBeUndefined();
    expect(await measureHalves(dataset, [measured[0], undefined, undefined], model(axis))).toBeUndefined();
  });
});
