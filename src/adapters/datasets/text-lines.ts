import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { datasetFailure } from './dataset-failure.js';

/** One line with words in it. */
export interface TextLine {
  readonly text: string;
  /** Counted from 1. */
  readonly line: number;
}

/** Far above the longest list of pairs in use; a file beyond is something else. */
const maximumBytes = 256 * 1024 * 1024;

/**
 * The lines of a list that are not empty.
 * @throws Failure DATASET_INVALID where it cannot be read, is too large or is no text
 */
export async function readLines(path: string): Promise<readonly TextLine[]> {
  const content = await readText(path);
  return content
    .split(/\r?\n/u)
    .map((text, index) => ({ text: text.trim(), line: index + 1 }))
    .filter(({ text }) => text !== '');
}

/** The whole list. @throws Failure DATASET_INVALID as {@link readLines} */
export async function readText(path: string): Promise<string> {
  const file = basename(path);
  const unreadable = (cause: unknown): never => {
    throw datasetFailure({ file }, 'cannot be read', cause);
  };
  const { size } = await stat(path).catch(unreadable);
  if (size > maximumBytes) throw datasetFailure({ file }, `has ${size} bytes, more than a list of pairs`);
  const content = await readFile(path, 'utf8').catch(unreadable);
  if (content.includes('\0')) throw datasetFailure({ file }, 'is no text');
  return content;
}
