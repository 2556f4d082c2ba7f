import { type ChildProcess, spawn } from 'node:child_process';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { testEncryptionKey } from '../support/encryption-key.js';
import { hold, type Scene } from './attack.js';

const command = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const models = fileURLToPath(new URL('../../.symface/models', import.meta.url));

/** A process that works on jobs: a `symface worker`, or a gateway. */
export interface JobWorker {
  readonly process: ChildProcess;
  /** What it has printed so far. */
  readonly output: () => string;
}

/** Starts a `symface worker` with a data folder of its own; it is ended with the attack. */
export async function startJobWorker(
  { newFolder, afterwards }: Pick<Scene, 'newFolder' | 'afterwards'>,
  databaseUrl: string,
): Promise<JobWorker> {
  const folder = await newFolder();
  await cp(models, join(folder, 'models'), { recursive: true });
  const child = spawn(process.execPath, [command, 'worker', '--queues', 'training,activation'], {
    env: {
      ...process.env,
      DATABASE_URL: databaseUrl,
      SYMFACE_ENCRYPTION_KEY: testEncryptionKey,
      SYMFACE_DATA_DIR: folder,
      SYMFACE_TRAINING_THREADS: '1',
      SYMFACE_WORKERS: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  afterwards(async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exited = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGCONT');
    child.kill('SIGKILL');
    await exited;
  });
  const worker = { process: child, output: () => output };
  await until('a worker waits for jobs', 90_000, () => output.includes('SymFace works on jobs.'));
  return worker;
}

/** Whether the worker has begun to work on the job. */
export function hasBegun(worker: JobWorker, jobId: string): boolean {
  return worker
    .output()
    .split('\n')
    .some((line) => line.includes('works on a job') && line.includes(jobId));
}

/** @throws Broken where it does not become so in time */
export async function until(
  what: string,
  withinMs: number,
  isSo: () => boolean | Promise<boolean>,
): Promise<void> {
  const beginMs = performance.now();
  while (!(await isSo())) {
    hold(performance.now() - beginMs < withinMs, `after ${withinMs / 1000} s it is not so that ${what}`);
    await sleep(200);
  }
}
