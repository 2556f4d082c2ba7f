import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/service/platform/database/open-database.js';
import { tables } from '../../src/service/tables.js';
import { CollectionStore } from '../../src/service/enrolment/collections/collection.store.js';
import { EnrolledFaceStore } from '../../src/service/enrolment/faces/enrolled-face.store.js';
import { runCommandLine } from '../../src/cli/program.js';
import type { Job__Output } from '../../src/generated/symface/v1/Job.js';
import { isFullSuite } from '../support/full-suite.js';
import { openTestDatabase } from '../support/databases.js';
import { testEncryptionKey } from '../support/encryption-key.js';
import { NO_POSTGRES_REASON, postgresPrograms, startPostgresServer } from '../support/postgres-server.js';
import { RecordingTerminal } from '../support/recording-terminal.js';
import { type RunningServer, startRunningServer } from '../support/running-server.js';
import { imageNetNetwork, smallManifest } from '../support/small-networks.js';
import { runInFolder } from '../support/training-command.js';
import { enrolTrainableFaces } from '../support/trainable-enrolments.js';

const projectFolder = fileURLToPath(new URL('../../', import.meta.url));
const programs = postgresPrograms();
if (programs === undefined) console.warn(`Skipping symface worker: ${NO_POSTGRES_REASON}.`);

/** Two processes on the cores of this machine, which may take their time to end. */
const openMpi = [
  '/usr/bin/mpirun.openmpi',
  ...'--allow-run-as-root --bind-to none --oversubscribe --mca mpi_yield_when_idle 1'.split(' '),
  ...'--mca odls_base_sigkill_timeout 60 -n 2'.split(' '),
] as const;

/** `symface worker` as a process of its own. */
interface WorkerProcess {
  readonly child: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<number | null>;
}

describe.skipIf(programs === undefined)('symface worker', () => {
  let folder: string;
  let database: Awaited<ReturnType<typeof startPostgresServer>>;
  let databaseUrl: string;
  let server: RunningServer;
  let workerCount = 0;
  const workers: WorkerProcess[] = [];

  const symface = async (...args: readonly string[]) => {
    const terminal = new RecordingTerminal();
    const code = await runCommandLine(['--server', server.address, ...args], terminal);
    return { code, out: terminal.outLines.join('\n'), err: terminal.errLines.join('\n') };
  };

  const workerSettings = (dataFolder: string, settings: Readonly<Record<string, string>>) => ({
    DATABASE_URL: databaseUrl,
    SYMFACE_ENCRYPTION_KEY: testEncryptionKey,
    SYMFACE_DATA_DIR: dataFolder,
    ...settings,
  });

  /** On a machine of its own as far as files go: each has an empty data folder. */
  const startWorker = async (
    args: readonly string[],
    settings: Readonly<Record<string, string>> = {},
    launcher: readonly string[] = [],
  ): Promise<WorkerProcess> => {
    const dataFolder = join(folder, `worker-${workerCount++}`);
    if (args.join(' ').includes('activation')) {
      await cp(join(projectFolder, '.symface/models'), join(dataFolder, 'models'), { recursive: true });
    }
    const command = [...launcher, process.execPath, join(projectFolder, 'dist/cli/main.js')];
    const [file = '', ...before] = command;
    const child = spawn(file, [...before, 'worker', ...args], {
      env: { ...process.env, ...workerSettings(dataFolder, settings) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
      });
    }
    const ended = once(child, 'close').then(([code]) => code as number | null);
    const worker = { child, output: () => output, ended };
    workers.push(worker);
    return worker;
  };

  const train = async (epochs: number): Promise<string> => {
    const { out } = await symface('models', 'list');
    const model = /small-[0-9a-f]{12}/u.exec(out)?.[0] ?? '';
    const options = ['--model', model, '--min-identities', '6', '--batch-size', '4', '--detach'];
    const queued = await symface('retrain', ...options, '--epochs', String(epochs), '--share', '1');
    return /[0-9a-f-]{36}/u.exec(queued.out)?.[0] ?? queued.err;
  };
  const jobOf = async (id: string): Promise<Job__Output> =>
    JSON.parse((await symface('jobs', 'show', id, '--json')).out) as Job__Output;
  const stepsOf = async (id: string): Promise<number> =>
    (await jobOf(id)).training?.progress?.finishedStepCount ?? 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'symface-worker-'));
    await writeFile(join(folder, 'small.onnx'), imageNetNetwork());
    await writeFile(join(folder, 'small.json'), JSON.stringify(smallManifest));
    database = await startPostgresServer(programs ?? '');
    databaseUrl = database.createDatabase('worker');
    const { database: opened, keys } = await openTestDatabase({ databaseUrl, dataFolder: '' });
    const faces = new EnrolledFaceStore(opened, keys);
    await enrolTrainableFaces(new CollectionStore(opened), faces, 6, 4);
    await opened.close();
    server = await startRunningServer({
      DATABASE_URL: databaseUrl,
      SYMFACE_ENCRYPTION_KEY: testEncryptionKey,
      SYMFACE_WORKERS: '1',
      SYMFACE_QUEUES: 'none',
    });
    const { code } = await symface(
      'models',
      'import',
      join(folder, 'small.onnx'),
      '--manifest',
      join(folder, 'small.json'),
    );
    expect(code).toBe(0);
  });

  afterEach(() => {
    for (const { child } of workers) child.kill('SIGKILL');
  });

  afterAll(async () => {
    await Promise.all(workers.map(({ ended }) => ended));
    await server.stop();
    await database.stop();
    await rm(folder, { recursive: true });
  });

  it.each<[string, readonly string[], Record<string, string>, RegExp]>([
    ['the embedded database', [], { DATABASE_URL: '' }, /set DATABASE_URL/u],
    ['artifacts in a folder', [], { SYMFACE_ARTIFACT_STORE: 'folder' }, /SYMFACE_ARTIFACT_STORE=folder/u],
    ['no queues', ['--queues', 'none'], {}, /something to work on/u],
    ['benchmarks', ['--queues', 'training,benchmark'], {}, /name training, activation/u],
    ['assessments', ['--queues', 'assessment'], {}, /name training, activation/u],
    ['unknown queues', ['--queues', 'cooking'], {}, /SYMFACE_QUEUES: takes "none" or some of/u],
    ['an unknown provider', [], { SYMFACE_TRAINING_PROVIDER: 'abacus' }, /SYMFACE_TRAINING_PROVIDER/u],
  ])('refuses %s at its start', async (_what, args, settings, message) => {
    const all = workerSettings(join(folder, 'refused'), settings);
    const { code, err } = await runInFolder(folder, ['worker', ...args], all);
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });

  it('refuses no key at its start', async () => {
    // For activations it would prepare the models first.
    const worker = await startWorker(['--queues', 'training'], { SYMFACE_ENCRYPTION_KEY: '' });
    expect(await worker.ended).toBe(2);
    expect(worker.output()).toMatch(/SYMFACE_ENCRYPTION_KEY/u);
  });

  it.for(['cuda', 'tensorflow'])(
    'refuses %s at its start where the machine lacks it',
    async (provider, { skip }) => {
      const worker = await startWorker(['--queues', 'training'], { SYMFACE_TRAINING_PROVIDER: provider });
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

  it.skipIf(!isFullSuite)(
    'trains what a gateway without queues was asked for; killed, another goes on from its checkpoint',
    async () => {
      const id = await train(100);
      const first = await startWorker(['--queues', 'training', '--threads', '1']);
      await expect.poll(() => stepsOf(id), { timeout: 60_000 }).toBeGreaterThan(60);
      expect(first.output()).toContain(
        `"jobId":"${id}","kind":"training","attempt":1,"msg":"works on a job"`,
      );
      first.child.kill('SIGKILL');
      await first.ended;
      expect((await jobOf(id)).state).toBe('JOB_STATE_RUNNING');
      const second = await startWorker(['--queues', 'training', '--threads', '1']);
      const stepsSeen: number[] = [];
      const look = async (): Promise<string> => {
        const { attempt, training, state } = await jobOf(id);
        const steps = training?.progress?.finishedStepCount ?? 0;
        if (attempt === 2 && steps > 0) stepsSeen.push(steps);
        return state;
      };
      await expect.poll(look, { timeout: 100_000, interval: 250 }).toBe('JOB_STATE_SUCCEEDED');
      const { attempt, training } = await jobOf(id);
      expect(attempt).toBe(2);
      // Checkpoints are kept every ten steps.
      expect(stepsSeen[0]).toBeGreaterThan(50);
      expect(second.output()).toMatch(/"attempt":2,.*"msg":"has finished a job"/u);
      // The gateway has the candidate through the database.
      const candidate = training?.result?.modelVersion.split('/')[1] ?? '';
      expect((await symface('models', 'show', candidate)).code).toBe(0);
      second.child.kill('SIGTERM');
      expect(await second.ended).toBe(0);
    },
    180_000,
  );

  it('asked to end, gives its job back with a checkpoint, and shows health and metrics meanwhile', async () => {
    const id = await train(1000);
    const port = String(20_000 + (process.pid % 20_000));
    const worker = await startWorker(['--queues', 'training', '--http-port', port]);
    await expect.poll(() => stepsOf(id), { timeout: 60_000 }).toBeGreaterThan(20);
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200);
    const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    expect(metrics).toContain('symface_jobs{kind="training",state="running"} 1');
    expect(metrics).toMatch(/^symface_training_steps_done\{line="small"\} [1-9]\d*$/mu);
    expect(metrics).toMatch(/^symface_training_loss\{line="small",part="face"\} \d/mu);
    worker.child.kill('SIGTERM');
    expect(await worker.ended).toBe(0);
    expect(worker.output()).toContain('"reason":"SHUTTING_DOWN","msg":"has stopped a job"');
    const job = await jobOf(id);
    expect(job).toMatchObject({ state: 'JOB_STATE_QUEUED', attempt: 1, error: null });
    const opened = await openDatabase({ databaseUrl, dataFolder: '' }, tables);
    const kept = await opened.rows("SELECT name FROM artifacts WHERE name LIKE '%/run/checkpoints/%'");
    await opened.close();
    expect(kept.length).toBeGreaterThan(0);
    await symface('jobs', 'cancel', id);
    // Nothing runs any more, as the gateway tells too.
    expect(await (await fetch(`${server.httpUrl}/metrics`)).text()).not.toMatch(/^symface_training_/mu);
  }, 120_000);

  it.skipIf(!isFullSuite || !existsSync(openMpi[0]))(
    'trains in several processes under mpirun, one job after another',
    async () => {
      const worker = await startWorker(['--queues', 'training'], {}, openMpi);
      for (const epochs of [1, 2]) {
        const id = await train(epochs);
        await expect
          .poll(async () => (await jobOf(id)).state, { timeout: 100_000, interval: 500 })
          .toBe('JOB_STATE_SUCCEEDED');
      }
      expect(worker.output().match(/"msg":"has finished a job"/gu)).toHaveLength(2);
    },
    400_000,
  );

  it('changes the backbone of a gateway without queues', async () => {
    await startWorker(['--queues', 'training,activation']);
    const { out } = await symface('models', 'list');
    const model = /small-[0-9a-f]{12}/u.exec(out)?.[0] ?? '';
    const { code, err } = await symface('models', 'activate', model, '--without-threshold');
    expect(err).not.toContain('FAILED');
    expect(err).toContain(`${model} has no calibrated threshold at the false match rate in force`);
    expect(code).toBe(0);
    const listed = JSON.parse((await symface('models', 'list', '--json')).out) as readonly {
      readonly active: boolean;
      readonly id: string;
    }[];
    expect(listed.filter(({ active }) => active).map(({ id }) => id)).toContain(model);
  }, 120_000);
});
