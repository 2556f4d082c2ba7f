import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { runCommandLine } from '../../src/cli/program.js';
import type { Job__Output } from '../../src/generated/symface/v1/Job.js';
import { CollectionStore } from '../../src/service/enrolment/collections/collection.store.js';
import { EnrolledFaceStore } from '../../src/service/enrolment/faces/enrolled-face.store.js';
import { openTestDatabase } from './databases.js';
import { testEncryptionKey } from './encryption-key.js';
import { startPostgresServer } from './postgres-server.js';
import { RecordingTerminal } from './recording-terminal.js';
import { type RunningServer, startRunningServer } from './running-server.js';
import { imageNetNetwork, smallManifest } from './small-networks.js';
import { enrolTrainableFaces } from './trainable-enrolments.js';

const projectFolder = fileURLToPath(new URL('../../', import.meta.url));

/** `symface worker` as a process of its own. */
export interface WorkerProcess {
  readonly child: ChildProcess;
  /** What it has printed so far. */
  readonly output: () => string;
  /** Its exit status. */
  readonly ended: Promise<number | null>;
}

/** A gateway that works on no jobs itself, with faces to train on and a small model, and workers for it. */
export class JobsForWorkers {
  private readonly workers: WorkerProcess[] = [];

  private constructor(
    /** A folder of the test's own. */
    readonly folder: string,
    readonly databaseUrl: string,
    readonly server: RunningServer,
    private readonly stopDatabase: () => Promise<void>,
  ) {}

  /** @param programs the folder of PostgreSQL's */
  static async start(programs: string): Promise<JobsForWorkers> {
    const folder = await mkdtemp(join(tmpdir(), 'symface-worker-'));
    await writeFile(join(folder, 'small.onnx'), imageNetNetwork());
    await writeFile(join(folder, 'small.json'), JSON.stringify(smallManifest));
    const database = await startPostgresServer(programs);
    const databaseUrl = database.createDatabase('worker');
    const { database: opened, keys } = await openTestDatabase({ databaseUrl, dataFolder: '' });
    const faces = new EnrolledFaceStore(opened, keys);
    await enrolTrainableFaces(new CollectionStore(opened), faces, 6, 4);
    await opened.close();
    const server = await startRunningServer({
      DATABASE_URL: databaseUrl,
      SYMFACE_ENCRYPTION_KEY: testEncryptionKey,
      SYMFACE_WORKERS: '1',
      SYMFACE_QUEUES: 'none',
    });
    const jobs = new JobsForWorkers(folder, databaseUrl, server, async () => database.stop());
    const [graph, manifest] = ['small.onnx', 'small.json'].map((name) => join(folder, name));
    const { code, err } = await jobs.symface('models', 'import', graph ?? '', '--manifest', manifest ?? '');
    expect(code, err).toBe(0);
    return jobs;
  }

  /** A command of the server's users. */
  async symface(...args: readonly string[]) {
    const terminal = new RecordingTerminal();
    const code = await runCommandLine(['--server', this.server.address, ...args], terminal);
    return { code, out: terminal.outLines.join('\n'), err: terminal.errLines.join('\n') };
  }

  workerSettings(dataFolder: string, settings: Readonly<Record<string, string>>) {
    return {
      DATABASE_URL: this.databaseUrl,
      SYMFACE_ENCRYPTION_KEY: testEncryptionKey,
      SYMFACE_DATA_DIR: dataFolder,
      ...settings,
    };
  }

  /**
   * On a machine of its own as far as files go: each has an empty data folder.
   * @param launcher a program, with its arguments, that is to start it
   */
  async startWorker(
    args: readonly string[],
    settings: Readonly<Record<string, string>> = {},
    launcher: readonly string[] = [],
  ): Promise<WorkerProcess> {
    const dataFolder = join(this.folder, `worker-${this.workers.length}`);
    if (args.join(' ').includes('activation')) {
      await cp(join(projectFolder, '.symface/models'), join(dataFolder, 'models'), { recursive: true });
    }
    const command = [...launcher, process.execPath, join(projectFolder, 'dist/cli/main.js')];
    const [file = '', ...before] = command;
    const child = spawn(file, [...before, 'worker', ...args], {
      env: { ...process.env, ...this.workerSettings(dataFolder, settings) },
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
    this.workers.push(worker);
    return worker;
  }

  /** Asks for a training of the small model. @returns the job's id */
  async train(epochs: number): Promise<string> {
    const options = ['--model', await this.model(), '--min-identities', '6', '--batch-size', '4', '--detach'];
    const queued = await this.symface('retrain', ...options, '--epochs', String(epochs), '--share', '1');
    return /[0-9a-f-]{36}/u.exec(queued.out)?.[0] ?? queued.err;
  }

  /** The id of the small model. */
  async model(): Promise<string> {
    const { out } = await this.symface('models', 'list');
    return /small-[0-9a-f]{12}/u.exec(out)?.[0] ?? '';
  }

  async jobOf(id: string): Promise<Job__Output> {
    return JSON.parse((await this.symface('jobs', 'show', id, '--json')).out) as Job__Output;
  }

  async stepsOf(id: string): Promise<number> {
    return (await this.jobOf(id)).training?.progress?.finishedStepCount ?? 0;
  }

  killWorkers(): void {
    for (const { child } of this.workers) child.kill('SIGKILL');
  }

  async stop(): Promise<void> {
    await Promise.all(this.workers.map(async ({ ended }) => ended));
    await this.server.stop();
    await this.stopDatabase();
    await rm(this.folder, { recursive: true });
  }
}
