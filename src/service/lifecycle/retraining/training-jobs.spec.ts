import { expect, it } from 'vitest';
import type { Job } from '../../jobs/job.js';
import { trainingJobs } from './training-jobs.js';

it('keeps the report of a training that succeeded, and nothing of one that did not', async () => {
  const removed: string[] = [];
  const type = trainingJobs(
    { execute: async () => Promise.resolve(null) },
    {
      removeTemporary: async (id) => Promise.resolve(void removed.push(`faces and checkpoints of ${id}`)),
      removeLeft: async (id) => Promise.resolve(void removed.push(`all of ${id}`)),
    },
  );
  const job = { id: 'job-1', kind: 'training' } as unknown as Job;
  for (const state of ['succeeded', 'failed', 'cancelled'] as const)
    await type.removeLeft?.({ ...job, state });
  expect(removed).toEqual(['faces and checkpoints of job-1', 'all of job-1', 'all of job-1']);
});
