import { beforeEach, describe, expect, it } from 'vitest';
import type { JobContext } from './job-attempt.js';
import type { JobHandler } from './work-on-jobs.js';
import { Failure } from '../../core/failure.js';
import type { Job } from './job.js';
import { loggedWork } from './logged-work.js';

const job = { id: 'job-1', kind: 'training', attempt: 2 } as unknown as Job;

describe('loggedWork', () => {
  let lines: string[];
  let stop: AbortController;
  let succeeded: unknown[];

  const run = async (work: JobHandler): Promise<unknown> => {
    const write = (fields: object, message: string): void => {
      // How long it took is nothing to compare.
      lines.push(`${JSON.stringify({ ...fields, seconds: undefined })} ${message}`);
    };
    const logger = { info: write, warn: write } as unknown as Parameters<typeof loggedWork>[1];
    const context: JobContext = {
      signal: stop.signal,
      report: () => undefined,
      succeed: (output) => succeeded.push(output),
      requireHeld: () => Promise.resolve(),
    };
    return loggedWork({ training: work }, logger).training?.(job, context);
  };
  const fields = '{"jobId":"job-1","kind":"training","attempt":2';

  beforeEach(() => {
    lines = [];
    succeeded = [];
    stop = new AbortController();
  });

  it('tells when a job begins and that it has ended', async () => {
    expect(await run(() => Promise.resolve('output'))).toBe('output');
    expect(lines).toEqual([`${fields}} works on a job`, `${fields}} has finished a job`]);
  });

  it('tells why an attempt failed', async () => {
    const failure = new Failure('OUT_OF_MEMORY', 'no room');
    await expect(run(() => Promise.reject(failure))).rejects.toBe(failure);
    expect(lines[1]).toBe(`${fields},"reason":"OUT_OF_MEMORY"} an attempt at a job failed: no room`);
  });

  it('tells a failure after success from one of the job', async () => {
    const work: JobHandler = async (_job, { succeed }) => {
      succeed('output');
      return Promise.reject(new Failure('DATABASE_UNAVAILABLE', 'restarts'));
    };
    await expect(run(work)).rejects.toThrow('restarts');
    expect(lines[1]).toBe(
      `${fields},"reason":"DATABASE_UNAVAILABLE"} has succeeded; what was left to do failed: restarts`,
    );
    expect(succeeded).toEqual(['output']);
  });

  it('tells of a stop, which is no failure', async () => {
    const work: JobHandler = async () => {
      stop.abort(new Failure('SHUTTING_DOWN', 'the worker ends'));
      return Promise.reject(new Error('aborted'));
    };
    await expect(run(work)).rejects.toThrow('aborted');
    expect(lines[1]).toBe(`${fields},"reason":"SHUTTING_DOWN"} has stopped a job`);
  });
});
