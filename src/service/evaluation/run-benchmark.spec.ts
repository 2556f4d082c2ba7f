import { beforeEach, describe, expect, it } from 'vitest';
import type { VerificationDataset } from '../../core/protocols/benchmark-dataset.js';
import { Failure } from '../../core/failure.js';
import type { AnalysisBatch, FaceAnalysis } from '../../inference/analyser/face-analysis.js';
import type { Job, Json } from '../jobs/job.js';
import type { JobContext } from '../jobs/job-attempt.js';
import { benchmarkJson, type BenchmarkRun } from './benchmark-run.js';
import type { BenchmarkStore } from './benchmark.store.js';
import { RunBenchmark } from './run-benchmark.js';

const imageCount = 5;
const order = {
  datasetId: 'lfw',
  facelessPolicy: 'different',
  imageCount,
  modelVersion: 'net-1',
  detectorVersion: 'detector-1',
} as const;
const job = { id: 'job', input: benchmarkJson(order) } as Partial<Job> as Job;
const dataset: VerificationDataset = {
  kind: 'photograph',
  images: Array.from({ length: imageCount }, (_, index) => ({ name: `${index}.jpg`, identity: undefined })),
  pairs: [],
  foldCount: 10,
  read: (index) => Promise.resolve(Buffer.from(String(index))),
};

describe('RunBenchmark', () => {
  let kept: Omit<BenchmarkRun, 'createTime'>[];
  let reported: Json[];
  /** Backbones that answer, one analysis after the other; the last one from then on. */
  let answering: string[];
  let asked: number;

  beforeEach(() => {
    [kept, reported, asked] = [[], [], 0];
    answering = ['net-1'];
  });

  const analysis = (backboneId: string): FaceAnalysis => ({
    analyse: () => {
      const error = new Failure('FACE_NOT_FOUND', 'nobody');
      const models = { backboneId, detectorId: 'detector-1' };
      return Promise.resolve({ models, outcomes: [{ ok: false, error }] } as unknown as AnalysisBatch);
    },
  });
  const run = async (report: () => Promise<never> | undefined = () => undefined): Promise<Json> => {
    const work = new RunBenchmark({
      store: {
        getDataset: () => Promise.resolve({}),
        findMeasurements: (images: readonly unknown[]) => Promise.resolve(images.map(() => undefined)),
        keepMeasurements: () => Promise.resolve(),
        keepRun: (result: Omit<BenchmarkRun, 'createTime'>) => {
          kept.push(result);
          return Promise.resolve();
        },
      } as unknown as BenchmarkStore,
      read: () => Promise.resolve(dataset),
      analysisOf: () => Promise.resolve(analysis(answering[Math.min(asked++, answering.length - 1)]!)),
      statistics: { report: async () => report() ?? Promise.resolve({ report: {}, outcomes: {} } as never) },
      parallel: 1,
      codeVersion: 'symface 1.2.3',
    });
    const context: JobContext = {
      signal: new AbortController().signal,
      report: (progress) => reported.push(progress),
      succeed: () => undefined,
      requireHeld: () => Promise.resolve(),
    };
    return work.execute(job, context);
  };

  it('keeps what came of it under the id of its job, and tells how far it is', async () => {
    expect(await run()).toBeNull();
    expect(kept).toMatchObject([{ id: 'job', ...order, codeVersion: 'symface 1.2.3' }]);
    expect(kept[0]?.datasetDigest).toMatch(/^[0-9a-f]{64}$/u);
    expect(reported.at(-1)).toMatchObject({ finishedImageCount: imageCount });
  });

  it('goes on with its own models where others come to serve meanwhile', async () => {
    answering = ['net-2', 'net-1'];
    await run();
    expect(asked).toBe(2);
    expect(kept).toMatchObject([order]);
  });

  it('keeps nothing where nothing can be made of the pairs of its data set', async () => {
    const failure = new Failure('DATASET_INVALID', 'no impostor pair counts');
    await expect(run(() => Promise.reject(failure))).rejects.toBe(failure);
    expect(kept).toEqual([]);
  });
});
