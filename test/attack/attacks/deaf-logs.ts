import { execFileSync, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { residentMebibytes } from '../../support/process-measures.js';
import { type Attack, hold, type Scene } from '../attack.js';

const calls = 100;
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
    'a log on a full disk, in a pipe that nobody reads or whose reader has gone, and none: calls are answered',
  isShort: true,
  limitSeconds: 300,
  run: async (scene) => {
    const seen: string[] = [];
    for (const what of Object.keys(ends)) seen.push(`${what}: ${await served(scene, what)}`);
    return seen.join('; ');
  },
} satisfies Attack;

async function served({ startTarget, newFolder, afterwards, isShort }: Scene, what: string): Promise<string> {
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
  for (let call = 0; call < (isShort ? calls : 10 * calls); call++)
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
