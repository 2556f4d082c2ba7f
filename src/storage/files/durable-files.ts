import { randomUUID } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Failure } from '../../core/failure.js';

/** What a file is to hold: at once, or in parts that are made while it is written. */
export type FileContent = Uint8Array | string | Iterable<Uint8Array>;

/**
 * Writes a new file and waits until its bytes are on disk.
 * @param mode permissions; the system's default where undefined
 * @throws where the file exists
 */
export async function writeDurably(path: string, content: FileContent, mode?: number): Promise<void> {
  const file = await open(path, 'wx', mode);
  try {
    const parts = typeof content === 'string' || content instanceof Uint8Array ? [content] : content;
    // Each goes behind the one before.
    for (const part of parts) await file.writeFile(part);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Waits until a folder's entries (created, renamed, removed) are on disk. */
export async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

/** Replaces a file so that a reader, or a crash at any moment, sees the old content or the new one whole. */
export async function replaceFile(path: string, content: FileContent): Promise<void> {
  const folder = dirname(path);
  const temporaryPath = join(folder, `.replacing-${randomUUID()}`);
  try {
    await writeDurably(temporaryPath, content);
    await rename(temporaryPath, path);
  } catch (error) {
    await rm(temporaryPath, { force: true });
    throw error;
  }
  await syncFolder(folder);
}

/** Whether a file-system error carries one of the codes, for example `ENOENT`. */
export function hasErrorCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && codes.includes(String(error.code));
}

/** A full disk as a failure that says so; other errors as they are. */
export function storageFailure(error: unknown, path: string): unknown {
  if (!hasErrorCode(error, 'ENOSPC', 'EDQUOT')) return error;
  const message = `${path}: the disk is full. What was written before is whole: make room and resume.`;
  return new Failure('STORAGE_FULL', message, { path }, [], { cause: error });
}
