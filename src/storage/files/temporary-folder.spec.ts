import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { removeLeftTemporaryFolders, withTemporaryFolder } from './temporary-folder.js';

it('removes the folder, whatever becomes of the work', async () => {
  let made = '';
  const failing = withTemporaryFolder(async (folder) => {
    made = folder;
    await mkdir(join(folder, 'within'));
    throw new Error('failed');
  });
  await expect(failing).rejects.toThrow('failed');
  expect(made).not.toBe('');
  expect(existsSync(made)).toBe(false);
});

it('removes what a killed process has left, and nothing of one that lives', async () => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  const folder = join(tmpdir(), `symface-work-${child.pid}-spec`);
  try {
    await mkdir(folder);
    await removeLeftTemporaryFolders();
    expect(existsSync(folder)).toBe(true);
    const exited = once(child, 'exit');
    child.kill('SIGKILL');
    await exited;
    await removeLeftTemporaryFolders();
    expect(existsSync(folder)).toBe(false);
  } finally {
    child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  }
});
