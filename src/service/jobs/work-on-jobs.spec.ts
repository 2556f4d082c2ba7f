import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { Failure } from '../../core/failure.js';
import type { FailureRecord } from '../../core/failure-record.js';
import type { Job, Json } from './job.js';
import type { LeaseState, JobQueue } from './job-queue.js';
import { type JobHandler, WorkOnJobs } from './work-on-jobs.js';

const timing = { leaseMs: 80, heartbeatEveryMs: 10, lookEveryMs: 5, forgetEndedAfterMs: 1000 };
const someJob = { id: 'job', kind: 'training', attempt: 1, input: 7 } as unknown as Job;

/** Holds one job and writes down what is asked. */
class OneJobQueue {
  readonly ends: (readonly [string, (Json | FailureRecord)?])[] = [];
  readonly progress: Json[] = [];
  state: LeaseState = 'held';
  isDown = false;
  private given = false;

  readonly claim: JobQueue['claim'] = async (kinds) => {
    if (this.isDown) throw new Failure('DATABASE_UNAVAILABLE', 'down');
    if (this.given || !kinds.includes('training')) return Promise.resolve(undefined);
    this.given = true;
    return Promise.resolve({ job: someJob, claim: { jobId: 'job', attempt: 1, leaseMs: timing.leaseMs } });
  };
  readonly heartbeat: JobQueue['heartbeat'] = async (_claim, progress) => {
    if (this.isDown) throw new Failure('DATABASE_UNAVAILABLE', 'down');
    if (progress !== undefined) this.progress.push(progress);
    return Promise.resolve(this.state);
  };
  readonly complete: JobQueue['complete'] = async (_claim, output) => this.end('complete', output);
  readonly fail: JobQueue['fail'] = async (_claim, failure) => this.end('fail', failure);
  readonly release: JobQueue['release'] = async () => this.end('release');
  readonly removeEnded: JobQueue['removeEnded'] = async () => Promise.resolve(0);

  async ended(): Promise<readonly unknown[]> {
    for (let wait = 0; this.ends.length === 0 && wait < 500; wait++) await sleep(5);
    return this.ends;
  }

  private async end(...what: readonly [string, (Json | FailureRecord)?]): Promise<boolean> {
    this.ends.push(what);
    return Promise.resolve(true);
  }
}

describe('WorkOnJobs', () => {
  let worker: WorkOnJobs | undefined;
  const defects: unknown[] = [];

  const start = (training: JobHandler): OneJobQueue => {
    const queue = new OneJobQueue();
    const parts = { queue: queue as unknown as JobQueue, work: { training }, timing };
    worker = new WorkOnJobs({ ...parts, onDefect: (error) => defects.push(error) });
    worker.start();
    return queue;
  };
  const untilStopped: JobHandler = async (_job, { signal }) => {
    await sleep(10_000, undefined, { signal });
    return null;
  };

  afterEach(async () => {
    await worker?.close();
    defects.length = 0;
  });

  it('does a job, tells its progress and keeps what came of it', async () => {
    const queue = start(async (job, { report }) => {
      report({ step: 1 });
      await sleep(30);
      report({ step: 2 });
      return { doubled: Number(job.input) * 2 };
    });
    expect(await queue.ended()).toEqual([['complete', { doubled: 14 }]]);
    expect(queue.progress[0]).toEqual({ step: 1 });
    expect(queue.progress.at(-1)).toEqual({ step: 2 });
  });

  it('says why a job failed, and keeps a defect for the log', async () => {
    const refused = start(() => Promise.reject(new Failure('DATASET_INVALID', 'line 7')));
    expect(await refused.ended()).toEqual([['fail', { reason: 'DATASET_INVALID', message: 'line 7' }]]);
    await worker?.close();
    const defect = new TypeError('secret');
    const broken = start(() => Promise.reject(defect));
    const [[how, failure]] = (await broken.ended()) as [[string, FailureRecord]];
    expect([how, failure.reason, failure.message.includes('secret')]).toEqual(['fail', undefined, false]);
    expect(defects).toEqual([defect]);
  });

  it.each(['cancelled', 'lost'] as const)('stops and gives back a job that is %s', async (state) => {
    const queue = start(untilStopped);
    queue.state = state;
    expect(await queue.ended()).toEqual([['release']]);
  });

  it('gives the job back when the process ends, even where the work returns at that', async () => {
    const queue = start(async (job, context) => untilStopped(job, context).catch(() => 'checkpoint kept'));
    await sleep(20);
    await worker?.close();
    expect(queue.ends).toEqual([['release']]);
  });

  it.each(['cancelled', 'held'] as const)(
    'ends a job that has succeeded before it was stopped (%s)',
    async (state) => {
      const queue = start(async (job, context) => {
        context.succeed('switched');
        if (state === 'held') throw new Error('of what is left to do');
        return untilStopped(job, context);
      });
      queue.state = state;
      expect(await queue.ended()).toEqual([['complete', 'switched']]);
    },
  );

  it('stops once the lease could not be renewed in time, not before', async () => {
    const stops: number[] = [];
    const queue = start(async (job, context) => {
      queue.isDown = true;
      const beginMs = performance.now();
      context.signal.addEventListener('abort', () => stops.push(performance.now() - beginMs));
      return untilStopped(job, context);
    });
    await queue.ended();
    expect(stops).toHaveLength(1);
    expect(stops[0]).toBeGreaterThan(timing.leaseMs * 0.7);
  });

  it('goes on looking where the database did not answer', async () => {
    const queue = start(() => Promise.resolve('done'));
    queue.isDown = true;
    await expect
      .poll(() => defects)
      .toContainEqual(expect.objectContaining({ reason: 'DATABASE_UNAVAILABLE' }));
    queue.isDown = false;
    expect(await queue.ended()).toEqual([['complete', 'done']]);
  });
});
