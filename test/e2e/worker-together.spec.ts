import { existsSync } from 'node:fs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { isFullSuite } from '../support/full-suite.js';
import { JobsForWorkers } from '../support/jobs-for-workers.js';
import { postgresPrograms } from '../support/postgres-server.js';

const programs = postgresPrograms();
const inContainer = '--allow-run-as-root --bind-to none --oversubscribe --mca mpi_yield_when_idle 1';
const openMpi = { name: 'Open MPI', file: '/usr/bin/mpirun.openmpi', options: inContainer };

/** Two processes on the cores of this machine, and the launcher's status where all of them end in good order. */
const launchers = [
  { ...openMpi, signal: 'SIGUSR2', status: 0 },
  // The processes hear of SIGTERM after 12 s, which is too late here; the launcher waits for another 12 and has its own status.
  {
    ...openMpi,
    options: `${inContainer} --mca odls_base_sigkill_timeout 12`,
    signal: 'SIGTERM',
    status: 1,
  },
  { name: 'MPICH', file: '/usr/bin/mpirun.mpich', options: '', signal: 'SIGTERM', status: 0 },
] as const;

describe.skipIf(programs === undefined || !isFullSuite)('symface worker in two processes', () => {
  let jobs: JobsForWorkers;

  beforeAll(async () => {
    jobs = await JobsForWorkers.start(programs ?? '');
  });

  afterEach(() => {
    jobs.killWorkers();
  });

  afterAll(async () => {
    await jobs.stop();
  });

  it.for(launchers.filter(({ file }) => existsSync(file)))(
    'trains one job after another by $name, and at $signal to that gives the last back with a checkpoint',
    { timeout: 400_000 },
    async ({ file, options, signal, status }) => {
      const launcher = [file, ...options.split(' ').filter(Boolean), '-n', '2'];
      const worker = await jobs.startWorker(['--queues', 'training'], {}, launcher);
      for (const epochs of [1, 2]) {
        const id = await jobs.train(epochs);
        await expect
          .poll(async () => (await jobs.jobOf(id)).state, { timeout: 100_000, interval: 500 })
          .toBe('JOB_STATE_SUCCEEDED');
      }
      expect(worker.output().match(/"msg":"has finished a job"/gu)).toHaveLength(2);
      const last = await jobs.train(1000);
      await expect.poll(() => jobs.stepsOf(last), { timeout: 100_000 }).toBeGreaterThan(10);
      worker.child.kill(signal);
      await expect
        .poll(async () => jobs.jobOf(last), { timeout: 10_000 })
        .toMatchObject({ state: 'JOB_STATE_QUEUED', attempt: 1, error: null });
      expect(await worker.ended).toBe(status);
      expect(worker.output()).toContain('"reason":"SHUTTING_DOWN","msg":"has stopped a job"');
      await jobs.symface('jobs', 'cancel', last);
    },
  );
});
