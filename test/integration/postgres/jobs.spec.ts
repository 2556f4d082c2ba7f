import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { beforeEach, expect, it } from 'vitest';
import { AuditLog } from '../../../src/service/access/audit/audit-log.js';
import { openDatabase } from '../../../src/service/platform/database/open-database.js';
import { tables } from '../../../src/service/tables.js';
import { JobQueue } from '../../../src/service/jobs/job-queue.js';
import type { JobLease } from '../../../src/service/jobs/job-queue.js';
import { jobOrderKey } from '../../../src/service/jobs/job-queue.js';
import type { Job, RetryPolicy } from '../../../src/service/jobs/job.js';
import { describeOnEveryDatabase } from '../../support/databases.js';
import { someCaller } from '../../support/enrolments.js';
import { someJob } from '../../support/jobs.js';

const workerProgram = fileURLToPath(new URL('../../support/job-worker.mjs', import.meta.url));
const atOnce: RetryPolicy = { maximumAttempts: 3, firstDelayMs: 0, maximumDelayMs: 0 };
const passing = { reason: 'OUT_OF_MEMORY', message: 'no memory' } as const;
const longMs = 60_000;

describeOnEveryDatabase('jobs', (test) => {
  let queue: JobQueue;

  beforeEach(async () => {
    queue = new JobQueue(test.database);
    await test.database.rows('DELETE FROM jobs');
  });

  const enqueue = async (retry = atOnce): Promise<Job> =>
    queue.enqueue({ ...someJob, kind: 'training', input: { line: 'staff', epochs: [1, 2] }, retry });
  const claim = async (leaseMs = longMs): Promise<{ readonly job: Job; readonly claim: JobLease }> => {
    await queue.takeFromLostWorkers();
    const claimed = await queue.claim(['training'], 'a worker', leaseMs);
    if (claimed === undefined) throw new Error('nothing to claim');
    return claimed;
  };
  /** Its worker was killed, and the lease has passed since. */
  const endLease = async (): Promise<unknown> =>
    test.database.rows(
      "UPDATE jobs SET lease_end_time = now() - interval '1 second' WHERE state = 'running'",
    );

  it('tell an attempt that another has followed, and are not taken over within a transaction that has asked', async () => {
    await enqueue();
    const { claim: first } = await claim(1);
    await sleep(5);
    expect(await queue.isHeld(first)).toBe(true);
    await test.database.transaction(async (sql) => {
      expect(await queue.isHeld(first, sql)).toBe(true);
      if (test.database.folder !== undefined) return;
      await queue.takeFromLostWorkers();
      expect(await queue.get(first.jobId)).toMatchObject({ state: 'running', failedAttempts: 0 });
    });
    const { claim: second } = await claim();
    expect([await queue.isHeld(first), await queue.isHeld(second)]).toEqual([false, true]);
    await queue.complete(second, null);
    expect(await queue.isHeld(second)).toBe(false);
  });

  it('are done once, with progress on the way and an output', async () => {
    const { id } = await enqueue();
    expect(await queue.get(id)).toMatchObject({
      kind: 'training',
      state: 'queued',
      input: { line: 'staff', epochs: [1, 2] },
      attempt: 0,
      endTime: undefined,
    });
    const { job, claim: mine } = await claim();
    expect(job).toMatchObject({ id, state: 'running', attempt: 1, startTime: expect.any(Date) as Date });
    expect(await queue.claim(['training'], 'another', longMs)).toBeUndefined();
    expect(await queue.heartbeat(mine, { step: 5 })).toBe('held');
    expect(await queue.heartbeat(mine)).toBe('held');
    expect((await queue.get(id)).progress).toEqual({ step: 5 });
    expect(await queue.complete(mine, { model: 'net-2' })).toBe(true);
    expect(await queue.get(id)).toMatchObject({
      state: 'succeeded',
      output: { model: 'net-2' },
      failure: undefined,
    });
    expect(await queue.complete(mine, {})).toBe(false);
    expect(await queue.heartbeat(mine)).toBe('lost');
    expect(await queue.claim(['training'], 'another', longMs)).toBeUndefined();
  });

  it('are claimed by kind, the one due longest first, and not before they are due', async () => {
    await queue.enqueue({ ...someJob, kind: 'assessment', input: 0 });
    const first = await enqueue();
    // Of one millisecond, any order is right.
    await sleep(5);
    const second = await enqueue();
    const later = await queue.enqueue({ ...someJob, kind: 'training', input: 1, delayMs: 3_600_000 });
    const ids = [(await claim()).job.id, (await claim()).job.id];
    expect(ids).toEqual([first.id, second.id]);
    expect(await queue.claim(['training'], 'w', longMs)).toBeUndefined();
    await test.database.rows('UPDATE jobs SET due_time = now() WHERE id = $1', [later.id]);
    expect((await claim()).job.id).toBe(later.id);
  });

  it('are active once for a singleton key, whoever asks at the same time; another key does not wait', async () => {
    const ask = { ...someJob, kind: 'training', singletonKey: 'staff' } as const;
    const outcomes = await Promise.allSettled(Array.from({ length: 5 }, async () => queue.enqueue(ask)));
    const [accepted, ...more] = outcomes.filter((outcome) => outcome.status === 'fulfilled');
    expect(more).toEqual([]);
    const refused = outcomes
      .filter((outcome) => outcome.status === 'rejected')
      .map(({ reason }) => reason as unknown);
    expect(refused).toHaveLength(4);
    for (const refusal of refused) {
      expect(refusal).toMatchObject({
        reason: 'JOB_ALREADY_ACTIVE',
        metadata: { key: 'staff', job_id: accepted!.value.id },
      });
    }
    const { claim: mine } = await claim();
    await expect(queue.enqueue(ask)).rejects.toMatchObject({ reason: 'JOB_ALREADY_ACTIVE' });
    await queue.enqueue({ ...ask, singletonKey: 'guests' });
    await queue.enqueue({ ...ask, kind: 'assessment' });
    expect((await claim()).job.singletonKey).toBe('guests');
    await queue.complete(mine, null);
    expect(await queue.enqueue(ask)).toMatchObject({ state: 'queued' });
  });

  it('of a lost worker go to another one, which sees the attempt; the lost one can do nothing more', async () => {
    const { id } = await enqueue();
    const { claim: lost } = await claim();
    await queue.heartbeat(lost, { checkpoint: 'step-7' });
    await endLease();
    const { job, claim: mine } = await claim();
    expect(job).toMatchObject({ id, attempt: 2, failedAttempts: 1, progress: { checkpoint: 'step-7' } });
    expect(job.failure).toMatchObject({ reason: 'WORKER_LOST' });
    expect(await queue.heartbeat(lost, { checkpoint: 'late' })).toBe('lost');
    expect(await queue.complete(lost, 'late')).toBe(false);
    expect(await queue.fail(lost, passing)).toBe(false);
    expect(await queue.release(lost)).toBe(false);
    expect(await queue.get(id)).toMatchObject({
      state: 'running',
      attempt: 2,
      progress: { checkpoint: 'step-7' },
    });
    expect(await queue.complete(mine, 'in time')).toBe(true);
  });

  it('keep a lease that is renewed, and lose one that is not', async () => {
    await enqueue();
    const { claim: mine } = await claim(400);
    for (let beat = 0; beat < 6; beat++) {
      await sleep(100);
      expect(await queue.heartbeat(mine)).toBe('held');
      await queue.takeFromLostWorkers();
      expect(await queue.claim(['training'], 'another', longMs)).toBeUndefined();
    }
    await sleep(450);
    expect((await claim()).job.attempt).toBe(2);
  });

  it('are tried again after delays that double up to a limit, and fail for good in the end', async () => {
    const { id } = await enqueue({ maximumAttempts: 4, firstDelayMs: 60_000, maximumDelayMs: 150_000 });
    const delaysMs: number[] = [];
    for (let attempt = 1; attempt <= 3; attempt++) {
      expect(await queue.fail((await claim()).claim, passing)).toBe(true);
      expect(await queue.claim(['training'], 'too early', longMs)).toBeUndefined();
      const [row] = await test.database.rows<{ delay: number }>(
        'SELECT extract(epoch FROM due_time - now())::float8 * 1000 AS delay FROM jobs',
      );
      delaysMs.push(row!.delay);
      await test.database.rows('UPDATE jobs SET due_time = now()');
    }
    // What the test itself took is missing.
    const missing = delaysMs.map((delay, index) => [60_000, 120_000, 150_000][index]! - delay);
    expect(Math.min(...missing)).toBeGreaterThanOrEqual(-1);
    expect(Math.max(...missing)).toBeLessThan(10_000);
    expect(await queue.get(id)).toMatchObject({ state: 'queued', failedAttempts: 3, failure: passing });
    await queue.fail((await claim()).claim, passing);
    expect(await queue.get(id)).toMatchObject({
      state: 'failed',
      failedAttempts: 4,
      endTime: expect.any(Date) as Date,
    });
    expect(await queue.claim(['training'], 'w', longMs)).toBeUndefined();
  });

  it('fail at once where another attempt would end the same', async () => {
    const { id } = await enqueue();
    const hopeless = { reason: 'DATASET_INVALID', message: 'line 7' } as const;
    await queue.fail((await claim()).claim, hopeless);
    expect(await queue.get(id)).toMatchObject({ state: 'failed', failure: hopeless });
  });

  it('that kill every worker fail for good, and whoever takes them over learns that they have ended', async () => {
    const { id } = await enqueue();
    for (let attempt = 1; attempt <= 3; attempt++) {
      expect((await claim()).job.attempt).toBe(attempt);
      await endLease();
      if (attempt < 3) expect(await queue.takeFromLostWorkers()).toEqual([]);
    }
    const ended = { id, state: 'failed', failure: { reason: 'WORKER_LOST' } };
    expect(await queue.takeFromLostWorkers()).toMatchObject([ended]);
    expect(await queue.claim(['training'], 'w', longMs)).toBeUndefined();
    expect(await queue.get(id)).toMatchObject(ended);
  });

  it('that were cancelled and whose worker was lost end when they are taken over', async () => {
    const [cancelled, other] = [await enqueue(), await enqueue()];
    await claim();
    await claim();
    await queue.cancel(cancelled.id, someCaller);
    expect(await queue.takeAllFromLostWorkers()).toMatchObject([{ id: cancelled.id, state: 'cancelled' }]);
    expect(await queue.get(other.id)).toMatchObject({ state: 'queued', failedAttempts: 1 });
  });

  it('that are given back go on at once, and that does not count as a failure', async () => {
    await enqueue({ maximumAttempts: 1, firstDelayMs: longMs, maximumDelayMs: longMs });
    for (let attempt = 1; attempt <= 3; attempt++) {
      const { job, claim: mine } = await claim();
      expect(job).toMatchObject({ attempt, failedAttempts: 0 });
      expect(await queue.release(mine)).toBe(true);
    }
  });

  it('are cancelled at once where nobody works on them, else by their worker', async () => {
    const queued = await enqueue();
    expect(await queue.cancel(queued.id, someCaller)).toMatchObject({
      state: 'cancelled',
      endTime: expect.any(Date) as Date,
    });
    expect(await queue.claim(['training'], 'w', longMs)).toBeUndefined();

    const running = await enqueue();
    const { claim: mine } = await claim();
    expect(await queue.cancel(running.id, someCaller)).toMatchObject({
      state: 'running',
      cancelRequested: true,
    });
    expect(await queue.heartbeat(mine, { step: 9 })).toBe('cancelled');
    expect(await queue.release(mine)).toBe(true);
    expect(await queue.get(running.id)).toMatchObject({ state: 'cancelled', progress: { step: 9 } });

    const failing = await enqueue();
    const { claim: failed } = await claim();
    await queue.cancel(failing.id, someCaller);
    await queue.fail(failed, passing);
    expect((await queue.get(failing.id)).state).toBe('cancelled');

    const orphan = await enqueue();
    await claim();
    await endLease();
    expect(await queue.cancel(orphan.id, someCaller)).toMatchObject({ state: 'cancelled' });
    expect(await queue.cancel(orphan.id, someCaller)).toMatchObject({ state: 'cancelled' });
    await expect(queue.cancel(randomUUID(), someCaller)).rejects.toMatchObject({ reason: 'JOB_NOT_FOUND' });
  });

  it('are recorded in the audit log, with who asked, where something came of it', async () => {
    const log = new AuditLog(test.database);
    const requester = { actor: 'apiKeys/7', tenant: 'acme' };
    const ask = { ...someJob, requester, details: { parent: 'net-1' }, singletonKey: 'audited' };
    const { id, requester: kept } = await queue.enqueue({ ...ask, kind: 'training' });
    expect(kept).toEqual(requester);
    const target = `jobs/${id}`;
    await expect(queue.enqueue({ ...ask, kind: 'training' })).rejects.toThrow();
    await queue.cancel(id, { actor: 'apiKeys/8', tenant: 'rival' });
    await queue.cancel(id, requester);
    const events = await log.list({ limit: 3, after: undefined });
    expect(events.filter((event) => event.target === target)).toMatchObject([
      { actor: 'apiKeys/8', tenant: 'rival', action: 'training.cancel', details: {} },
      { ...requester, action: 'training.create', details: { parent: 'net-1' } },
    ]);
  });

  it('are listed newest first, page by page, by kind, state and model version, and forgotten in the end', async () => {
    const [first, second] = [await enqueue(), await enqueue()];
    const input = { candidate: 'net-1', policy: {} };
    const assessment = await queue.enqueue({ ...someJob, kind: 'assessment', input });
    const ids = async (...query: Parameters<JobQueue['list']>): Promise<string[]> =>
      (await queue.list(...query)).map(({ id }) => id);
    const all = await queue.list({ limit: 9, after: undefined });
    expect(new Set(all.map(({ id }) => id))).toEqual(new Set([first.id, second.id, assessment.id]));
    const after = jobOrderKey(all[0]!);
    expect(await ids({ limit: 9, after })).toEqual([all[1]!.id, all[2]!.id]);
    expect(await ids({ limit: 9, after: undefined }, { kind: 'assessment' })).toEqual([assessment.id]);
    expect(await ids({ limit: 9, after: undefined }, { modelVersion: 'net-1' })).toEqual([assessment.id]);
    // A name that goes on is another one.
    expect(await ids({ limit: 9, after: undefined }, { modelVersion: 'net-' })).toEqual([]);
    await queue.cancel(first.id, someCaller);
    expect(await ids({ limit: 9, after: undefined }, { state: 'cancelled' })).toEqual([first.id]);
    expect(await queue.removeEnded(3_600_000)).toBe(0);
    await sleep(5);
    expect(await queue.removeEnded(1)).toBe(1);
    await expect(queue.get(first.id)).rejects.toMatchObject({ reason: 'JOB_NOT_FOUND' });
    expect((await queue.get(second.id)).state).toBe('queued');
    // What was assessed is not forgotten.
    await queue.cancel(assessment.id, someCaller);
    await sleep(5);
    expect(await queue.removeEnded(1)).toBe(0);
  });

  it('are each claimed by one of many workers at the same time', async () => {
    const { databaseUrl } = test.settings;
    // The embedded database has one process; a PostgreSQL is shared by connections of its own.
    const other = databaseUrl === undefined ? test.database : await openDatabase(test.settings, tables);
    try {
      const queues = [queue, new JobQueue(other)];
      const created = new Set<string>();
      for (let count = 0; count < 40; count++) created.add((await enqueue()).id);
      const claimed: string[] = [];
      await Promise.all(
        Array.from({ length: 8 }, async (_, index) => {
          for (let idle = 0; idle < 2;) {
            const next = await queues[index % 2]!.claim(['training'], `worker ${index}`, longMs);
            if (next === undefined) idle++;
            else claimed.push(next.job.id);
          }
        }),
      );
      expect(claimed).toHaveLength(40);
      expect(new Set(claimed)).toEqual(created);
    } finally {
      if (other !== test.database) await other.close();
    }
  });

  it('of a worker process that was killed go on from its last checkpoint in another', async ({ skip }) => {
    const { databaseUrl } = test.settings;
    if (databaseUrl === undefined) skip('the embedded database has one process only');
    const { id } = await enqueue();
    const doomed = startWorker(databaseUrl!);
    while ((await nextLine(doomed)) < 4);
    const rescuer = startWorker(databaseUrl!);
    doomed.kill('SIGKILL');
    try {
      while ((await queue.get(id)).state !== 'succeeded') await sleep(50);
      const { attempt, output, progress } = await queue.get(id);
      expect({ attempt, progress }).toEqual({ attempt: 2, progress: { step: 10 } });
      expect((output as { readonly from: number }).from).toBeGreaterThanOrEqual(4);
    } finally {
      rescuer.kill('SIGKILL');
      await once(rescuer, 'exit');
    }
  });
});

function startWorker(databaseUrl: string): ChildProcess {
  return spawn(process.execPath, [workerProgram, databaseUrl], { stdio: ['ignore', 'pipe', 'inherit'] });
}

/** The step that it printed. */
async function nextLine({ stdout }: ChildProcess): Promise<number> {
  const [line] = (await once(stdout!, 'data')) as [Buffer];
  return Number(String(line).trim().split('\n').at(-1));
}
