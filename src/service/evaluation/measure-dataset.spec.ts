import { describe, expect, it } from 'vitest';
import type { VerificationDataset } from '../../core/protocols/benchmark-dataset.js';
import type { MeasuredImage } from '../../core/protocols/measured-image.js';
import { Failure } from '../../core/failure.js';
import type { BenchmarkStore } from './benchmark.store.js';
import type { AnalysisBatch, FaceAnalysis } from '../../inference/analyser/face-analysis.js';
import { measureDataset } from './measure-dataset.js';

const models = { modelVersion: 'net-1', detectorVersion: 'detector-1' };
const imageCount = 100;
const brokenImage = 3;
const control = { signal: new AbortController().signal };

function datasetOf(read: VerificationDataset['read']): VerificationDataset {
  const images = Array.from({ length: imageCount }, (_, index) => ({
    name: `${index}.jpg`,
    identity: undefined,
  }));
  return { kind: 'photograph', images, pairs: [], foldCount: 10, read };
}

/** Everything was measured before, and no face was in it. */
const store = {
  findMeasurements: (images) => Promise.resolve(images.map(() => 'faceless' as const)),
} as Partial<BenchmarkStore> as BenchmarkStore;
const analysis: FaceAnalysis = { analyse: () => Promise.reject(new Error('nothing is left to analyse')) };
const parts = { analysis, store, parallel: 3 };

describe('measureDataset', () => {
  it('stops all its lanes where one fails, with the reason of that one', async () => {
    let reads = 0;
    const dataset = datasetOf(async (index) => {
      reads++;
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (index === brokenImage) throw new Failure('DATASET_INVALID', 'broken');
      return Buffer.from(String(index));
    });
    const measuring = measureDataset(dataset, models, parts, control, () => undefined);
    await expect(measuring).rejects.toMatchObject({ reason: 'DATASET_INVALID' });
    const readsAtFailure = reads;
    await new Promise((resolve) => setTimeout(resolve, 50));
    // The other lanes may have been in the middle of an image.
    expect(reads).toBe(readsAtFailure);
    expect(reads).toBeLessThan(imageCount / 2);
  });

  it.each([true, undefined] as const)(
    'counts unreadable images where the data set says so: %s',
    async (counts) => {
      const kept: unknown[] = [];
      const unknown = {
        findMeasurements: (images) => Promise.resolve(images.map(() => undefined)),
        keepMeasurements: (measurements) => {
          kept.push(...measurements);
          return Promise.resolve();
        },
      } as Partial<BenchmarkStore> as BenchmarkStore;
      const error = new Failure('IMAGE_FORMAT_UNSUPPORTED', 'HEIC');
      const unreadable: FaceAnalysis = {
        analyse: () =>
          Promise.resolve({
            models: {
              backboneId: models.modelVersion,
              detectorId: models.detectorVersion,
              embeddingDimension: 4,
            },
            outcomes: [{ ok: false, error }],
          } as Partial<AnalysisBatch> as AnalysisBatch),
      };
      const dataset = {
        ...datasetOf((index) => Promise.resolve(Buffer.from(String(index)))),
        ...(counts && { countsUnreadableAsFaceless: counts }),
      };
      const measuring = measureDataset(
        dataset,
        models,
        { ...parts, analysis: unreadable, store: unknown },
        control,
        () => undefined,
      );
      if (counts) expect((await measuring).images).toEqual(new Array(imageCount).fill(undefined));
      else await expect(measuring).rejects.toMatchObject({ reason: 'DATASET_INVALID' });
      expect(kept).toEqual([]);
    },
  );

  it('reads every image once, and knows the data by its content', async () => {
    const read: number[] = [];
    const dataset = datasetOf((index) => {
      read.push(index);
      return Promise.resolve(Buffer.from(String(index)));
    });
    const { digest, images } = await measureDataset(dataset, models, parts, control, () => undefined);
    expect(read).toHaveLength(imageCount);
    expect(images).toEqual(new Array(imageCount).fill(undefined));
    const changed = datasetOf((index) => Promise.resolve(Buffer.from(index === 7 ? 'other' : String(index))));
    expect((await measureDataset(dataset, models, parts, control, () => undefined)).digest).toBe(digest);
    expect((await measureDataset(changed, models, parts, control, () => undefined)).digest).not.toBe(digest);
  });

  it('keeps what it measured before it was stopped, and goes on there', async () => {
    const kept = new Map<string, MeasuredImage | 'faceless'>();
    let queries = 0;
    const remembering = {
      findMeasurements: (images) => {
        queries++;
        return Promise.resolve(images.map(({ digest }) => kept.get(String(digest))));
      },
      keepMeasurements: (measurements) => {
        queries++;
        for (const { image, measured } of measurements) kept.set(String(image.digest), measured);
        return Promise.resolve();
      },
    } as Partial<BenchmarkStore> as BenchmarkStore;
    let analysed = 0;
    const stop = new AbortController();
    const faceless: FaceAnalysis = {
      analyse: () => {
        if (++analysed === 37) stop.abort(new Failure('SHUTTING_DOWN', 'it stops'));
        const error = new Failure('FACE_NOT_FOUND', 'nobody');
        const served = { backboneId: 'net-1', detectorId: 'detector-1' };
        return Promise.resolve({
          models: served,
          outcomes: [{ ok: false, error }],
        } as unknown as AnalysisBatch);
      },
    };
    const dataset = datasetOf((index) => Promise.resolve(Buffer.from(String(index))));
    const all = { analysis: faceless, store: remembering, parallel: 3 };
    const stopped = measureDataset(dataset, models, all, { signal: stop.signal }, () => undefined);
    await expect(stopped).rejects.toMatchObject({ reason: 'SHUTTING_DOWN' });
    expect(kept.size).toBe(analysed);
    queries = 0;
    let images = 0;
    await measureDataset(dataset, models, all, control, () => images++);
    expect(images).toBe(imageCount);
    expect(analysed).toBe(imageCount);
    expect(queries).toBeLessThan(imageCount / 8);
  });
});
