import { open, rename, rm, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { hasErrorCode, storageFailure, syncFolder } from '../storage/files/durable-files.js';
import { CommandFailure } from './command-failure.js';

const ownerOnly = 0o600;

/**
 * Writes a file that is there whole or not at all: under another name until `check` has found it right and it is on the disk.
 * @param check what must be true of it before it gets its name
 * @throws CommandFailure where the file is there already; Failure STORAGE_FULL; what content and check throw
 */
export async function writeWhole<T>(
  file: string,
  content: AsyncIterable<Uint8Array>,
  check: (incoming: string) => Promise<T>,
): Promise<T> {
  await requireNew(file);
  const incoming = `${file}.incoming`;
  try {
    // One that was killed has left its own.
    await rm(incoming, { force: true });
    const handle = await open(incoming, 'wx', ownerOnly);
    try {
      for await (const piece of content) await handle.writeFile(piece);
      await handle.sync();
    } finally {
      await handle.close();
    }
    const result = await check(incoming);
    await rename(incoming, file);
    await syncFolder(dirname(resolve(file)));
    return result;
  } catch (error) {
    await rm(incoming, { force: true }).catch(() => undefined);
    throw storageFailure(error, file);
  }
}

async function requireNew(file: string): Promise<void> {
  const there = await stat(file).catch((error: unknown) => {
    if (hasErrorCode(error, 'ENOENT')) return undefined;
    throw error;
  });
  if (there !== undefined)
    throw new CommandFailure(`${file} is there already. Give another name, such as one with the date.`);
}
