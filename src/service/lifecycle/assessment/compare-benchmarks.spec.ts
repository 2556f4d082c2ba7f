import { beforeEach, describe, expect, it } from 'vitest';
import { Failure } from '../../../core/failure.js';
import type { Job } from '../../jobs/job.js';
import type { StartedBenchmark } from './assessment-job.js';
import { CompareBenchmarks } from './compare-benchmarks.js';

const requester = { actor: 'test', tenant: 'default' };
const down = new Failure('DATABASE_UNAVAILABLE', 'down');

describe('CompareBenchmarks', () => {
  let jobs: Map<string, Partial<Job>>;
  let cancelled: string[];
  let left: string[];
  let told: (readonly StartedBenchmark[])[];
  /** The benchmark whose order fails, counted from 1. */
  let refusedOrder: number;

  const compare = (): CompareBenchmarks =>
    new CompareBenchmarks({
      create: {
        execute: async ({ datasetId }) => {
          if (jobs.size + 1 === refusedOrder) throw down;
          const id = `job-${jobs.size + 1}`;
          jobs.set(id, { id, state: 'running', input: { datasetId, imageCount: 2 }, progress: null });
          return Promise.resolve(jobs.get(id) as Job);
        },
      },
      queue: {
        get: async (id) => Promise.resolve(jobs.get(id) as Job),
        cancel: async (id) => {
          if (id === 'job-unreachable') throw down;
          cancelled.push(id);
          return Promise.resolve(jobs.get(id) as Job);
        },
      },
      runs: { getRun: async () => Promise.reject(new Error('not asked for')) },
      compare: { execute: async () => Promise.reject(new Error('not asked for')) },
      onLeft: (_error, id) => left.push(id),
    });

  const run = async (
    started: readonly StartedBenchmark[],
    signal = new AbortController().signal,
    onImages = (): void => undefined,
  ) =>
    compare().execute({
      baseline: 'net-1',
      candidate: 'net-2',
      datasetIds: ['lfw'],
      requester,
      started,
      signal,
      onStarted: (all) => told.push(all),
      onImages,
    });

  beforeEach(() => {
    jobs = new Map();
    [cancelled, left, told] = [[], [], []];
    refusedOrder = 0;
  });

  it('tells of each benchmark as it is ordered, also where the next one cannot be', async () => {
    refusedOrder = 2;
    await expect(run([])).rejects.toBe(down);
    expect(told).toEqual([[{ datasetId: 'lfw', baselineRun: 'job-1' }]]);
  });

  it('runs both again where an earlier attempt ordered one only, or one failed, and ends what is left', async () => {
    const stop = AbortSignal.abort(new Failure('SHUTTING_DOWN', 'ends'));
    jobs.set('job-1', { id: 'job-1', state: 'running' });
    await expect(run([{ datasetId: 'lfw', baselineRun: 'job-1' }], stop)).rejects.toThrow('ends');
    expect(cancelled).toEqual(['job-1']);
    const again = { datasetId: 'lfw', baselineRun: 'job-2', candidateRun: 'job-3' };
    expect(told.at(-1)).toEqual([again]);
    jobs.set('job-2', { id: 'job-2', state: 'failed' });
    await expect(run([again], stop)).rejects.toThrow('ends');
    expect(told.at(-1)).toEqual([{ datasetId: 'lfw', baselineRun: 'job-4', candidateRun: 'job-5' }]);
  });

  it('says why a benchmark failed, with the fields', async () => {
    const fieldViolations = [{ field: 'pairs', description: 'has a line too many' }];
    const failure = { reason: 'DATASET_INVALID', message: 'line 7', fieldViolations } as const;
    const input = { datasetId: 'lfw', imageCount: 2 };
    jobs.set('job-1', { id: 'job-1', state: 'running', input });
    jobs.set('job-2', { id: 'job-2', state: 'running', input });
    const started = [{ datasetId: 'lfw', baselineRun: 'job-1', candidateRun: 'job-2' }];
    const failing = run(started, undefined, () => {
      jobs.set('job-2', { id: 'job-2', state: 'failed', input, failure });
    });
    await expect(failing).rejects.toMatchObject({ reason: 'DATASET_INVALID', fieldViolations });
  });

  it('ends every benchmark it can, and tells of those it cannot', async () => {
    const pair = { datasetId: 'lfw', baselineRun: 'job-unreachable', candidateRun: 'job-2' };
    await compare().end([pair, { datasetId: 'agedb', baselineRun: 'job-3' }], requester);
    expect(cancelled).toEqual(['job-2', 'job-3']);
    expect(left).toEqual(['job-unreachable']);
  });
});
