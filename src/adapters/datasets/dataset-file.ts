import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { datasetFailure } from './dataset-failure.js';

/**
 * The bytes of a data set's file. Devices and pipes are refused: they may never end.
 * @throws Failure DATASET_INVALID where it cannot be read, is no file or is too large
 */
export async function readDatasetFile(path: string, maximumBytes: number): Promise<Buffer> {
  const file = basename(path);
  const unreadable = (cause: unknown): never => {
    throw datasetFailure({ file }, 'cannot be read', cause);
  };
  const entry = await stat(path).catch(unreadable);
  if (!entry.isFile()) throw datasetFailure({ file }, 'is no file');
  if (entry.size > maximumBytes) {
    throw datasetFailure({ file }, `has ${entry.size} bytes; at most ${maximumBytes} are read`);
  }
  return readFile(path).catch(unreadable);
}
