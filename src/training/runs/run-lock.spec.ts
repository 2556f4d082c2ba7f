import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withLockedRun } from './run-lock.js';

let folder: string;
let lock: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'symface-lock-'));
  lock = join(folder, 'run.lock');
});

afterEach(() => rm(folder, { recursive: true }));

const holder = (change: object) =>
  JSON.stringify({ host: hostname(), processId: process.pid, processStart: null, id: 'other', ...change });

async function isTaken(): Promise<boolean> {
  return withLockedRun(folder, () => Promise.resolve(false)).catch((error: unknown) => {
    expect(error).toMatchObject({ reason: 'RUN_IN_USE' });
    return true;
  });
}

describe("a run's folder", () => {
  it('is worked in by one at a time, and free again however the work ends', async () => {
    expect(await withLockedRun(folder, isTaken)).toBe(true);
    await expect(withLockedRun(folder, () => Promise.reject(new Error('failed')))).rejects.toThrow('failed');
    expect(await isTaken()).toBe(false);
    expect(await readdir(folder)).toEqual([]);
  });

  it('is made where it is not there, and not left empty', async () => {
    const run = join(folder, 'run');
    expect(await withLockedRun(run, (isNew) => Promise.resolve(isNew))).toBe(true);
    expect(await readdir(folder)).toEqual([]);
    await withLockedRun(run, () => writeFile(join(run, 'log.jsonl'), ''));
    expect(await readdir(run)).toEqual(['log.jsonl']);
    expect(await withLockedRun(run, (isNew) => Promise.resolve(isNew))).toBe(false);
  });

  it('is refused while another process has it, naming that, and taken over when it is dead', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    await writeFile(lock, holder({ processId: child.pid }));
    await expect(withLockedRun(folder, isTaken)).rejects.toThrow(`the process ${child.pid} on`);
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await isTaken()).toBe(false);
  });

  it('is not taken from a process that has made its lock and not written its name yet', async () => {
    await writeFile(lock, '');
    const taken = isTaken();
    await sleep(100);
    await writeFile(lock, holder({}));
    expect(await taken).toBe(true);
  });

  it.skipIf(process.platform !== 'linux')('is free where a later process has the number', async () => {
    await writeFile(lock, holder({ processStart: '1' }));
    expect(await isTaken()).toBe(false);
  });

  it.skipIf(process.platform !== 'linux')(
    'is free where its process has ended and nobody has asked about it',
    async () => {
      const parent = spawn('sh', ['-c', 'sleep 0 & echo $!; exec sleep 60']);
      const [line] = (await once(parent.stdout, 'data')) as [Buffer];
      await writeFile(lock, holder({ processId: Number(line.toString()) }));
      await expect.poll(isTaken).toBe(false);
      parent.kill('SIGKILL');
    },
  );

  it('is free where another machine has been silent, or its lock was cut short', async () => {
    await writeFile(lock, holder({ host: 'elsewhere' }));
    expect(await isTaken()).toBe(true);
    const longAgo = new Date(Date.now() - 3_600_000);
    await utimes(lock, longAgo, longAgo);
    expect(await isTaken()).toBe(false);
    await writeFile(lock, '{"host":');
    expect(await isTaken()).toBe(false);
  });
});
