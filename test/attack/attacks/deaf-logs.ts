import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { testEncryptionKey } from '../../support/encryption-key.js';
import { residentMebibytes } from '../../support/process-measures.js';
import { type Attack, hold, type Scene } from '../attack.js';

const command = fileURLToPath(new URL('../../../dist/cli/main.js', import.meta.url));
const calls = 1_000;
/** A change of the data key waits half a minute until no replica uses the old one. */
const workedOnWithinMs = 120_000;
const grownMebibytes = 300;
const endsWithinMs = 15_000;

/** Where the log goes, as a shell has it; the folder is the attack's. */
const ends: Readonly<Record<string, (folder: string) => string>> = {
  'a full disk': () => 'exec "$@" 2>/dev/full >/dev/full',
  'a pipe whose reader has gone': (folder) => `exec "$@" 2>${join(folder, 'pipe')}`,
  'a pipe that nobody reads': (folder) => `exec "$@" 2>${join(folder, 'pipe')}`,
  'nothing at all': () => 'exec "$@" 2>&- >&-',
};

export default {
  title:
    'a log on a full disk, in a pipe that nobody reads or whose reader has gone, and none: calls are answered, jobs worked on',
  isShort: false,
  hasOwnServices: true,
  databases: ['embedded', 'postgres'],
  limitSeconds: 300,
  run: async (scene) => {
    if (scene.database === 'postgres') return workedOn(scene);
    const seen: string[] = [];
    for (const what of Object.keys(ends)) seen.push(`${what}: ${await served(scene, what)}`);
    return seen.join('; ');
  },
} satisfies Attack;

async function served({ startTarget, newFolder, afterwards }: Scene, what: string): Promise<string> {
  const folder = await newFolder();
  execFileSync('mkfifo', [join(folder, 'pipe')]);
  // Who holds a pipe open at both ends keeps it from ending; it reads nothing.
  const holder = spawn('sh', ['-c', `exec 3<>${join(folder, 'pipe')}; sleep 600`], { stdio: 'ignore' });
  afterwards(() => holder.kill('SIGKILL'));
  while (!existsSync(`/proc/${holder.pid ?? 0}/fd/3`)) await sleep(20);
  const target = await startTarget({ launcher: ['/bin/sh', '-c', ends[what]?.(folder) ?? '', 'sh'] });
  if (what.includes('gone')) holder.kill('SIGKILL');
  const processId = target.server.process.pid ?? 0;
  const before = residentMebibytes(processId);
  const { admin } = target.client(target.keys.acme, 20_000);
  const beginMs = performance.now();
  for (let call = 0; call < calls; call++)
    await admin.getCaller({}).catch((error: unknown) => {
      hold(false, `with ${what} for its log, call ${call} is told ${String(error)}`);
    });
  const tookMs = Math.round(performance.now() - beginMs);
  const grown = Math.round(residentMebibytes(processId) - before);
  hold(grown < grownMebibytes, `with ${what} for its log it keeps ${grown} MiB`);
  const stopMs = performance.now();
  const code = await Promise.race([target.stop(), sleep(endsWithinMs, 'late', { ref: false })]);
  if (code === 'late') target.server.process.kill('SIGKILL');
  hold(code === 0, `with ${what} for its log it ends with ${String(code)} after SIGTERM`);
  return `${tookMs} ms, ${grown} MiB, ended after ${Math.round(performance.now() - stopMs)} ms`;
}

/** A job of a worker that has nowhere to tell anything. */
async function workedOn({ startTarget, newFolder, afterwards }: Scene): Promise<string> {
  const target = await startTarget({ settings: { SYMFACE_QUEUES: 'none' } });
  const env = {
    ...process.env,
    DATABASE_URL: target.databaseUrl,
    SYMFACE_ENCRYPTION_KEY: testEncryptionKey,
    SYMFACE_DATA_DIR: await newFolder(),
  };
  const nowhere = 'exec "$@" 2>/dev/full >/dev/full';
  const args = ['-c', nowhere, 'sh', process.execPath, command, 'worker', '--queues', 'key-rotation'];
  const worker = spawn('/bin/sh', args, { env, stdio: 'ignore' });
  const exited = once(worker, 'exit') as Promise<[number | null]>;
  afterwards(() => worker.kill('SIGKILL'));
  const { encryption, job } = target.client(target.keys.admin);
  const name = (await encryption.rotateDataKey({})).job?.name ?? '';
  const beginMs = performance.now();
  for (let state = ''; state !== 'JOB_STATE_SUCCEEDED';) {
    await sleep(200);
    state = (await job.getJob({ name })).job?.state ?? '';
    hold(worker.exitCode === null, `a worker without a log ends with ${String(worker.exitCode)}`);
    hold(
      performance.now() - beginMs < workedOnWithinMs,
      `a job of a worker without a log is ${state} after ${workedOnWithinMs / 1000} s`,
    );
  }
  const tookMs = Math.round(performance.now() - beginMs);
  worker.kill('SIGTERM');
  const end = await Promise.race([exited, sleep(endsWithinMs, undefined, { ref: false })]);
  hold(end?.[0] === 0, `a worker without a log ends with ${String(end?.[0])} after SIGTERM`);
  return `a worker whose log and output are a full disk: a job after ${tookMs} ms, ended in good order`;
}
