import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { removeLeftCopies } from './embedded-backup.js';

it('removes the copies that killed gateways have left, and nothing else', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'symface-left-copies-'));
  try {
    for (const name of ['backup-copy-1', 'backup-copy-2', 'database']) {
      await mkdir(join(folder, name, 'base'), { recursive: true });
      await writeFile(join(folder, name, 'base', '1'), 'faces');
    }
    await removeLeftCopies(folder);
    expect(await readdir(folder)).toEqual(['database']);
  } finally {
    await rm(folder, { recursive: true });
  }
});
