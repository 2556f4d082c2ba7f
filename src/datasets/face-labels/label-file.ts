import { type FileHandle, open, truncate } from 'node:fs/promises';
import { basename } from 'node:path';
import { hasErrorCode } from '../../storage/files/durable-files.js';
import { datasetFailure } from '../dataset-failure.js';
import { wholeLines } from '../whole-lines.js';
import { labelLine, parseLabelLine } from './label-lines.js';
import type { PhotographLabels } from './photograph-labels.js';
import { maximumLabelLineBytes } from './read-labels.js';

/**
 * A file of labels that is being written: JSON Lines, one a photograph. One process at a time may write it; what is in it
 * stays, so that labelling goes on where it ended.
 */
export class LabelFile {
  private writing: Promise<void> = Promise.resolve();

  private constructor(
    private readonly handle: FileHandle,
    private readonly known: Set<string>,
  ) {}

  /**
   * Goes on with the file, or begins it. A line that a kill cut short is dropped.
   * @throws Failure DATASET_INVALID where the file holds something else; the system's error where it cannot be written
   */
  static async resume(path: string): Promise<LabelFile> {
    const known = new Set<string>();
    const goodBytes = await readKnown(path, known);
    const handle = await open(path, 'a');
    await truncate(path, goodBytes);
    return new LabelFile(handle, known);
  }

  /** Whether the photograph has its line. */
  has(set: string, file: string): boolean {
    return this.known.has(keyOf(set, file));
  }

  /** Adds lines after those that are being written. @throws the system's error */
  append(photographs: readonly PhotographLabels[]): Promise<void> {
    this.writing = this.writing.then(async () => {
      await this.handle.appendFile(photographs.map(labelLine).join(''));
      for (const { set, file } of photographs) this.known.add(keyOf(set, file));
    });
    return this.writing;
  }

  async close(): Promise<void> {
    // Who appended was told already.
    await this.writing.catch(() => undefined);
    try {
      await this.handle.datasync();
    } finally {
      await this.handle.close();
    }
  }
}

/** @returns how many bytes of the file are whole lines of labels */
async function readKnown(path: string, known: Set<string>): Promise<number> {
  let goodBytes = 0;
  try {
    for await (const { text, line, endOffset } of wholeLines(path, maximumLabelLineBytes)) {
      const labels = parseLabelLine(text);
      if (labels === undefined)
        throw datasetFailure(
          { file: basename(path), line },
          'is no photograph of labels; write to another file',
        );
      known.add(keyOf(labels.set, labels.file));
      goodBytes = endOffset;
    }
  } catch (error) {
    if (hasErrorCode(error, 'ENOENT')) return 0;
    if (error instanceof RangeError) throw datasetFailure({ file: basename(path) }, error.message, error);
    throw error;
  }
  return goodBytes;
}

function keyOf(set: string, file: string): string {
  return `${set}/${file}`;
}
