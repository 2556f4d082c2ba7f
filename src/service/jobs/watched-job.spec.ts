import { setTimeout as sleep } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { lastValueFrom, NEVER, Subject, toArray } from 'rxjs';
import type { Job } from '../../generated/symface/v1/Job.js';
import { watchedJob } from './watched-job.js';

const everyMs = 5;

describe('watchedJob', () => {
  let reads: number;

  beforeEach(() => {
    reads = 0;
  });

  /** Each state at one look after the other; the last one from then on. */
  const looks = (...states: readonly Job[]) =>
    async function look(): Promise<Job> {
      const job = states[Math.min(reads, states.length - 1)] ?? {};
      reads++;
      return Promise.resolve(job);
    };

  it('tells each state once, the last one too, and then ends', async () => {
    const [queued, ended] = [
      { name: 'jobs/1', endTime: '' },
      { name: 'jobs/1', endTime: 'now' },
    ];
    const running = { ...queued, attempt: 1 };
    const read = looks(queued, { ...queued }, running, { ...running }, ended);
    const states = await lastValueFrom(watchedJob(read, NEVER, everyMs).pipe(toArray()));
    expect(states).toEqual([queued, running, ended]);
    await sleep(10 * everyMs);
    expect(reads).toBe(5);
  });

  it('ends with the error of a look', async () => {
    const read = () => Promise.reject(new Error('gone'));
    await expect(lastValueFrom(watchedJob(read, NEVER, everyMs))).rejects.toThrow('gone');
  });

  it('looks no more once nobody listens, whether it waits or looks just then', async () => {
    const told: Job[] = [];
    const waiting = watchedJob(looks({ endTime: '' }), NEVER, everyMs).subscribe((job) => told.push(job));
    await expect.poll(() => reads).toBeGreaterThan(1);
    waiting.unsubscribe();
    const atEnd = reads;
    await sleep(10 * everyMs);
    expect(reads).toBe(atEnd);
    expect(told).toEqual([{ endTime: '' }]);

    let answer: ((job: Job) => void) | undefined;
    const slow = (): Promise<Job> => {
      reads++;
      return new Promise((resolve) => {
        answer = resolve;
      });
    };
    const looking = watchedJob(slow, NEVER, everyMs).subscribe((job) => told.push(job));
    await expect.poll(() => answer).toBeDefined();
    // A look that is under way is not begun again.
    await sleep(5 * everyMs);
    looking.unsubscribe();
    answer?.({ endTime: '', attempt: 7 });
    await sleep(10 * everyMs);
    expect(reads).toBe(atEnd + 1);
    expect(told).toHaveLength(1);
  });

  it('ends when the process closes, with its reason, and does not begin after that', async () => {
    const closing = new Subject<never>();
    const watching = lastValueFrom(watchedJob(looks({ endTime: '' }), closing, everyMs));
    await expect.poll(() => reads).toBeGreaterThan(1);
    closing.error(new Error('closing'));
    await expect(watching).rejects.toThrow('closing');
    const late = lastValueFrom(watchedJob(looks({ endTime: '' }), closing, everyMs));
    await expect(late).rejects.toThrow('closing');
    const atEnd = reads;
    await sleep(10 * everyMs);
    expect(reads).toBe(atEnd);
  });
});
