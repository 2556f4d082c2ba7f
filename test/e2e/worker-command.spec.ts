import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/service/platform/database/open-database.js';
import { tables } from '../../src/service/tables.js';
import { isFullSuite } from '../support/full-suite.js';
import { JobsForWorkers } from '../support/jobs-for-workers.js';
import { NO_POSTGRES_REASON, postgresPrograms } from '../support/postgres-server.js';
import { runInFolder } from '../support/training-command.js';

const programs = postgresPrograms();
if (programs === undefined) console.warn(`Skipping symface worker: ${NO_POSTGRES_REASON}.`);

describe.skipIf(programs === undefined)('symface worker', () => {
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

  it.each<[string, readonly string[], Record<string, string>, RegExp]>([
    ['the embedded database', [], { DATABASE_URL: '' }, /set DATABASE_URL/u],
    ['artifacts in a folder', [], { SYMFACE_ARTIFACT_STORE: 'folder' }, /SYMFACE_ARTIFACT_STORE=folder/u],
    ['no queues', ['--queues', 'none'], {}, /something to work on/u],
    ['benchmarks', ['--queues', 'training,benchmark'], {}, /name training, activation/u],
    ['assessments', ['--queues', 'assessment'], {}, /name training, activation/u],
    ['unknown queues', ['--queues', 'cooking'], {}, /SYMFACE_QUEUES: takes "none" or some of/u],
    ['an unknown provider', [], { SYMFACE_TRAINING_PROVIDER: 'abacus' }, /SYMFACE_TRAINING_PROVIDER/u],
    [
      'mixed precision by TensorFlow',
      [],
      { SYMFACE_TRAINING_PROVIDER: 'tensorflow', SYMFACE_TRAINING_PRECISION: 'mixed' },
      /SYMFACE_TRAINING_PRECISION: tensorflow trains in single precision/u,
    ],
  ])('refuses %s at its start', async (_what, args, settings, message) => {
    const all = jobs.workerSettings(join(jobs.folder, 'refused'), settings);
    const { code, err } = await runInFolder(jobs.folder, ['worker', ...args], all);
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });

  it('refuses no key at its start', async () => {
    // For activations it would prepare the models first.
    const worker = await jobs.startWorker(['--queues', 'training'], { SYMFACE_ENCRYPTION_KEY: '' });
    expect(await worker.ended).toBe(2);
    expect(worker.output()).toMatch(/SYMFACE_ENCRYPTION_KEY/u);
  });

  it.for(['cuda', 'tensorflow'])(
    'refuses %s at its start where the machine lacks it',
    async (provider, { skip }) => {
      const worker = await jobs.startWorker(['--queues', 'training'], {
        SYMFACE_TRAINING_PROVIDER: provider,
      });
      const code = await Promise.race([
        worker.ended,
        expect
          .poll(worker.output, { timeout: 50_000 })
          .toContain('SymFace works on jobs')
          .then(() => 'works'),
      ]);
      skip(code === 'works', `this machine trains on ${provider}`);
      expect(code).toBe(2);
      expect(worker.output()).toContain(
        `SYMFACE_TRAINING_PROVIDER: this machine cannot train on ${provider}: `,
      );
    },
  );

  it('refuses mixed precision where it trains with other processes', async () => {
    const settings = { SYMFACE_TRAINING_PARENT: '1', SYMFACE_TRAINING_PRECISION: 'mixed' };
    const worker = await jobs.startWorker(['--queues', 'training'], settings);
    expect(await worker.ended).toBe(2);
    expect(worker.output()).toContain('several processes train by ONNX Runtime, in single precision');
  });

  it('finds where it trains, and trains in mixed precision where it is told to', async () => {
    const finding = await jobs.startWorker(['--queues', 'training'], { SYMFACE_TRAINING_PROVIDER: 'auto' });
    await expect.poll(finding.output, { timeout: 100_000 }).toMatch(/trains +on (?:cpu|cuda|webgpu)\n/u);
    finding.child.kill('SIGTERM');
    expect(await finding.ended).toBe(0);
    const worker = await jobs.startWorker(['--queues', 'training'], { SYMFACE_TRAINING_PRECISION: 'mixed' });
    const id = await jobs.train(1);
    await expect
      .poll(async () => (await jobs.jobOf(id)).state, { timeout: 100_000, interval: 250 })
      .toBe('JOB_STATE_SUCCEEDED');
    expect(worker.output()).toContain('"trainingProvider":"cpu","trainingPrecision":"mixed"');
  }, 220_000);

  it.skipIf(!isFullSuite)(
    'trains what a gateway without queues was asked for; killed, another goes on from its checkpoint',
    async () => {
      const id = await jobs.train(100);
      const first = await jobs.startWorker(['--queues', 'training', '--threads', '1']);
      await expect.poll(() => jobs.stepsOf(id), { timeout: 60_000 }).toBeGreaterThan(60);
      expect(first.output()).toContain(
        `"jobId":"${id}","kind":"training","attempt":1,"msg":"works on a job"`,
      );
      first.child.kill('SIGKILL');
      await first.ended;
      expect((await jobs.jobOf(id)).state).toBe('JOB_STATE_RUNNING');
      const second = await jobs.startWorker(['--queues', 'training', '--threads', '1']);
      const stepsSeen: number[] = [];
      const look = async (): Promise<string> => {
        const { attempt, training, state } = await jobs.jobOf(id);
        const steps = training?.progress?.finishedStepCount ?? 0;
        if (attempt === 2 && steps > 0) stepsSeen.push(steps);
        return state;
      };
      await expect.poll(look, { timeout: 100_000, interval: 250 }).toBe('JOB_STATE_SUCCEEDED');
      const { attempt, training } = await jobs.jobOf(id);
      expect(attempt).toBe(2);
      // Checkpoints are kept every ten steps.
      expect(stepsSeen[0]).toBeGreaterThan(50);
      expect(second.output()).toMatch(/"attempt":2,.*"msg":"has finished a job"/u);
      // The gateway has the candidate through the database.
      const candidate = training?.result?.modelVersion.split('/')[1] ?? '';
      expect((await jobs.symface('models', 'show', candidate)).code).toBe(0);
      second.child.kill('SIGTERM');
      expect(await second.ended).toBe(0);
    },
    180_000,
  );

  it('asked to end, gives its job back with a checkpoint, and shows health and metrics meanwhile', async () => {
    const id = await jobs.train(1000);
    const port = String(20_000 + (process.pid % 20_000));
    const worker = await jobs.startWorker(['--queues', 'training', '--http-port', port]);
    await expect.poll(() => jobs.stepsOf(id), { timeout: 60_000 }).toBeGreaterThan(20);
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(metrics).toContain('symface_jobs{kind="training",state="running"} 1');
    expect(metrics).toMatch(/^symface_training_steps_done\{line="small"\} [1-9]\d*$/mu);
    expect(metrics).toMatch(/^symface_training_loss\{line="small",part="face"\} \d/mu);
    worker.child.kill('SIGTERM');
    expect(await worker.ended).toBe(0);
    expect(worker.output()).toContain('"reason":"SHUTTING_DOWN","msg":"has stopped a job"');
    const job = await jobs.jobOf(id);
    expect(job).toMatchObject({ state: 'JOB_STATE_QUEUED', attempt: 1, error: null });
    const opened = await openDatabase({ databaseUrl: jobs.databaseUrl, dataFolder: '' }, tables);
    const kept = await opened.rows("SELECT name FROM artifacts WHERE name LIKE '%/run/checkpoints/%'");
    await opened.close();
    expect(kept.length).toBeGreaterThan(0);
    await jobs.symface('jobs', 'cancel', id);
    // Nothing runs any more, as the gateway tells too.
    expect(await (await fetch(`${jobs.server.httpUrl}/metrics`)).text()).not.toMatch(/^symface_training_/mu);
  }, 120_000);

  it('changes the backbone of a gateway without queues', async () => {
    await jobs.startWorker(['--queues', 'training,activation']);
    const model = await jobs.model();
    const { code, err } = await jobs.symface('models', 'activate', model, '--without-threshold');
    expect(err).not.toContain('FAILED');
    expect(err).toContain(`${model} has no calibrated threshold at the false match rate in force`);
    expect(code).toBe(0);
    const listed = JSON.parse((await jobs.symface('models', 'list', '--json')).out) as readonly {
      readonly active: boolean;
      readonly id: string;
    }[];
    expect(listed.filter(({ active }) => active).map(({ id }) => id)).toContain(model);
  }, 120_000);
});
