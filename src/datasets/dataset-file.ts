import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Failure } from '../core/failure.js';
import { datasetFailure } from './dataset-failure.js';

/**
 * The bytes of a data set's file.
 * @throws Failure DATASET_INVALID where it cannot be read, is no file or is too large
 */
export async function readDatasetFile(path: string, maximumBytes: number): Promise<Buffer> {
  await requireDatasetFile(path, maximumBytes);
  return readFile(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
}

/**
 * Refuses what cannot be a data set's file: devices and pipes may never end.
 * @returns how many bytes it has
 * @throws Failure DATASET_INVALID
 */
export async function requireDatasetFile(path: string, maximumBytes: number): Promise<number> {
  const file = basename(path);
  const entry = await stat(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
  if (!entry.isFile()) throw datasetFailure({ file }, 'is no file');
  if (entry.size > maximumBytes) {
    throw datasetFailure({ file }, `has ${entry.size} bytes; at most ${maximumBytes} are read`);
  }
  return entry.size;
}

export function unreadable(path: string, cause: unknown): Failure {
  return datasetFailure({ file: basename(path) }, 'cannot be read', cause);
}
