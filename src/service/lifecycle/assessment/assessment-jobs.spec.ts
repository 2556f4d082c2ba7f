import { expect, it } from 'vitest';
import type { Job } from '../../jobs/job.js';
import { assessmentJobs } from './assessment-jobs.js';
import type { StartedBenchmark } from './assessment-job.js';

it('ends the benchmarks of an assessment that was cancelled or failed: nobody waits for them', async () => {
  const ended: (readonly StartedBenchmark[])[] = [];
  const end = async (started: readonly StartedBenchmark[]): Promise<void> => {
    ended.push(started);
    return Promise.resolve();
  };
  const { removeLeft } = assessmentJobs({ execute: async () => Promise.resolve(null) }, { end });
  const benchmarks = [{ datasetId: 'lfw', baselineRun: 'job-1', candidateRun: 'job-2' }];
  const job = { progress: { phase: 'benchmarks', benchmarks } } as unknown as Job;
  await removeLeft?.({ ...job, state: 'succeeded' });
  await removeLeft?.({ ...job, state: 'cancelled' });
  await removeLeft?.({ ...job, state: 'failed', progress: null });
  expect(ended).toEqual([benchmarks, []]);
});
