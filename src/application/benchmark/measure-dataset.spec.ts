import { describe, expect, it } from 'vitest';
import type { VerificationDataset } from '../../domain/benchmark/benchmark-dataset.js';
import { Failure } from '../../domain/failure.js';
import type { EvaluationStore } from '../ports/evaluation-store.js';
import type { FaceAnalysis } from '../ports/face-analysis.js';
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
  findMeasurement: () => Promise.resolve('faceless' as const),
} as Partial<EvaluationStore> as EvaluationStore;
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
});
