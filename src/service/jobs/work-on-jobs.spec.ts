import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { Failure } from '../../core/failure.js';
import type { FailureRecord } from '../../core/failure-record.js';
import type { Job, Json } from './job.js';
import type { LeaseState, JobQueue } from './job-queue.js';
import { type JobDefectPlace, type JobHandler, WorkOnJobs } from './work-on-jobs.js';

const timing = {
  leaseMs: 80,
  heartbeatEveryMs: 10,
  lookEveryMs: 5,
  forgetEndedAfterMs: 1000,
  forgetEveryMs: 20,
};
const someJob = { id: 'job', kind: 'training', attempt: 1, input: 7 } as unknown as Job;

/** Holds one job and writes down what is asked. */
class OneJobQueue {
  readonly ends: (readonly [string, (Json | FailureRecord)?])[] = [];
  readonly progress: Json[] = [];
  state: LeaseState = 'held';
  isDown = false;
  /** Whether the job has ended once its attempt has. */
  isOver = false;
  /** How often the end of a job finds no database. */
  refusedEnds = 0;
  /** How many heartbeats find none. */
  refusedBeats = 0;
  /** What lost workers had that is over now. */
  ofLostWorkers: readonly Job[] = [];
  private given = false;

  readonly takeFromLostWorkers: JobQueue['takeFromLostWorkers'] = async () => {
    if (this.isDown) throw new Failure('DATABASE_UNAVAILABLE', 'down');
    const ended = this.ofLostWorkers;
    this.ofLostWorkers = [];
    return Promise.resolve(ended);
  };
  readonly claim: JobQueue['claim'] = async (kinds) => {
    if (this.isDown) throw new Failure('DATABASE_UNAVAILABLE', 'down');
    if (this.given || !kinds.includes('training')) return Promise.resolve(undefined);
    this.given = true;
    return Promise.resolve({ job: someJob, claim: { jobId: 'job', attempt: 1, leaseMs: timing.leaseMs } });
  };
  readonly heartbeat: JobQueue['heartbeat'] = async (_claim, progress) => {
    if (this.isDown || this.refusedBeats-- > 0) throw new Failure('DATABASE_UNAVAILABLE', 'down');
    if (progress !== undefined) this.progress.push(progress);
    return Promise.resolve(this.state);
  };
  readonly isHeld: JobQueue['isHeld'] = async () => Promise.resolve(this.state !== 'lost');
  readonly complete: JobQueue['complete'] = async (_claim, output) => this.end('complete', output);
  readonly fail: JobQueue['fail'] = async (_claim, failure) => this.end('fail', failure);
  readonly release: JobQueue['release'] = async () => this.end('release');
  readonly get: JobQueue['get'] = async () =>
    Promise.resolve({ ...someJob, ...(this.isOver && { endTime: new Date() }) });
  readonly forgottenAfterMs: number[] = [];
  readonly removeEnded: JobQueue['removeEnded'] = async (olderThanMs) => {
    if (this.isDown) throw new Failure('DATABASE_UNAVAILABLE', 'down');
    this.forgottenAfterMs.push(olderThanMs);
    return Promise.resolve(0);
  };

  async ended(): Promise<readonly unknown[]> {
    for (let wait = 0; this.ends.length === 0 && wait < 500; wait++) await sleep(5);
    return this.ends;
  }

  private async end(...what: readonly [string, (Json | FailureRecord)?]): Promise<boolean> {
    if (this.refusedEnds > 0) {
      this.refusedEnds--;
      throw new Failure('DATABASE_UNAVAILABLE', 'restarts');
    }
    this.ends.push(what);
    return Promise.resolve(true);
  }
}

describe('WorkOnJobs', () => {
  let worker: WorkOnJobs | undefined;
  const defects: unknown[] = [];
  const places: JobDefectPlace[] = [];
  const cleanedUp: Job[] = [];

  const start = (training: JobHandler, onRemoval: () => void = () => undefined): OneJobQueue => {
    const queue = new OneJobQueue();
    const removeLeft = async (job: Job): Promise<void> => {
      cleanedUp.push(job);
      onRemoval();
      return Promise.reject(new Error('cannot clean up'));
    };
    const onDefect = (error: unknown, place: JobDefectPlace): void => {
      defects.push(error);
      places.push(place);
    };
    worker = new WorkOnJobs({ queue, work: { training }, removeLeft, onDefect, timing });
    worker.start();
    return queue;
  };
  const untilStopped: JobHandler = async (_job, { signal }) => {
    await sleep(10_000, undefined, { signal });
    return null;
  };

  afterEach(async () => {
    await worker?.close();
    for (const list of [defects, places, cleanedUp]) list.length = 0;
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

  it('forgets jobs that ended long ago as long as it runs, not at its start alone', async () => {
    const { forgottenAfterMs } = start(() => Promise.resolve(null));
    await expect.poll(() => forgottenAfterMs.length).toBeGreaterThan(3);
    expect(new Set(forgottenAfterMs)).toEqual(new Set([timing.forgetEndedAfterMs]));
  });

  it('stops an attempt that asks, and that another has followed', async () => {
    let reached = 'nothing';
    const queue = start(async (_job, { requireHeld }) => {
      await requireHeld();
      reached = 'the first';
      queue.state = 'lost';
      await requireHeld();
      reached = 'the second';
      return null;
    });
    expect(await queue.ended()).toEqual([['release']]);
    expect([reached, defects]).toEqual(['the first', []]);
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
    expect(places).toEqual([{ step: 'work', jobId: 'job' }]);
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

  it.each(['complete', 'fail'] as const)(
    'records what came of a job (%s) although the database restarts just then',
    async (how) => {
      const queue = start(async () =>
        how === 'complete' ? Promise.resolve('kept') : Promise.reject(new Failure('MODEL_INVALID', 'no net')),
      );
      queue.refusedEnds = 3;
      const expected = how === 'complete' ? 'kept' : { reason: 'MODEL_INVALID', message: 'no net' };
      expect(await queue.ended()).toEqual([[how, expected]]);
      expect(defects).toEqual([]);
    },
  );

  it('gives up to record it, and says of which job, once the lease is over', async () => {
    const queue = start(() => Promise.resolve('lost'));
    queue.refusedEnds = Infinity;
    queue.refusedBeats = Infinity;
    await expect.poll(() => places, { timeout: 3_000 }).toEqual([{ step: 'record the end', jobId: 'job' }]);
    expect(queue.ends).toEqual([]);
  });

  it.each([true, false])(
    'removes what a job has left, where it is over (%s), once that is recorded',
    async (isOver) => {
      const endsBefore: number[] = [];
      const queue = start(untilStopped, () => endsBefore.push(queue.ends.length));
      queue.isOver = isOver;
      queue.state = 'cancelled';
      expect(await queue.ended()).toEqual([['release']]);
      await worker?.close();
      expect(endsBefore).toEqual(isOver ? [1] : []);
    },
  );

  it('removes what lost workers left of jobs that are over', async () => {
    const queue = start(() => Promise.resolve('done'));
    queue.ofLostWorkers = [{ ...someJob, id: 'orphan', endTime: new Date() }];
    await expect.poll(() => cleanedUp).toMatchObject([{ id: 'orphan' }]);
    expect(places).toEqual([{ step: 'remove what a job has left', jobId: 'orphan' }]);
    expect(await queue.ended()).toEqual([['complete', 'done']]);
  });

  it('goes on looking where the database did not answer', async () => {
    const queue = start(() => Promise.resolve('done'));
    queue.isDown = true;
    await expect
      .poll(() => defects)
      .toContainEqual(expect.objectContaining({ reason: 'DATABASE_UNAVAILABLE' }));
    await sleep(10 * timing.lookEveryMs);
    // One outage is told once.
    expect(places).toEqual([{ step: 'take jobs from lost workers', jobId: undefined }]);
    queue.isDown = false;
    expect(await queue.ended()).toEqual([['complete', 'done']]);
  });
});
