import { basename } from 'node:path';
import type { Failure } from '../core/failure.js';
import { datasetFailure } from './dataset-failure.js';
import { readDatasetFile } from './dataset-file.js';

/** One line with words in it. */
export interface TextLine {
  readonly text: string;
  /** Counted from 1. */
  readonly line: number;
}

/** It is far above the longest list of pairs in use; a file beyond is something else. */
export const maximumListBytes = 256 * 1024 * 1024;
/** It is far above the longest list too; a line of one letter takes a hundred bytes in memory. */
export const maximumLines = 500_000;

/**
 * The lines of a list that are not empty.
 * @throws Failure DATASET_INVALID where it cannot be read, is too large or is no text
 */
export async function readLines(path: string): Promise<readonly TextLine[]> {
  const content = await readText(path);
  const lines: TextLine[] = [];
  let start = 0;
  // Not split(): a file of empty lines would become as many strings first.
  for (let line = 1; start < content.length; line++) {
    const end = content.indexOf('\n', start);
    const stop = end < 0 ? content.length : end;
    const text = content.slice(start, stop).trim();
    if (text !== '') lines.push({ text, line });
    if (lines.length > maximumLines) throw tooManyLines(basename(path));
    start = stop + 1;
  }
  return lines;
}

export function tooManyLines(file: string): Failure {
  return datasetFailure({ file }, `has more than ${maximumLines} lines, more than a list of pairs`);
}

async function readText(path: string): Promise<string> {
  const content = (await readDatasetFile(path, maximumListBytes)).toString('utf8');
  if (content.includes('\0')) throw datasetFailure({ file: basename(path) }, 'is no text');
  return content;
}
