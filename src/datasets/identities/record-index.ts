import { basename } from 'node:path';
import { datasetFailure } from '../dataset-failure.js';
import { requireDatasetFile, unreadable } from '../dataset-file.js';
import { wholeLines } from '../whole-lines.js';

/** A line has a key and an offset. */
const maximumLineBytes = 64 * 1024;
/** Some 100 million records; more are in no set in use. */
const maximumIndexBytes = 2 ** 31;
/** Keys that are not in use, beyond one for each that is: an index of few huge keys must not take all memory. */
const spareKeys = 1024;
const absent = -1;

/** The offsets of the records of a RecordIO file. */
export class RecordIndex {
  /** @param offsets by key; -1 where there is no such record */
  private constructor(
    private readonly offsets: Float64Array,
    readonly recordCount: number,
    /** The last line's, whose offset may be cut short where no newline ends it. */
    readonly lastKey: number,
  ) {}

  /**
   * Reads an `.idx` file: lines of "key TAB offset".
   * @throws Failure DATASET_INVALID naming the line
   */
  static async read(path: string): Promise<RecordIndex> {
    await requireDatasetFile(path, maximumIndexBytes);
    const file = basename(path);
    const { keys, offsets: listed } = await readEntries(path, file);
    const highest = keys.reduce((key, other) => Math.max(key, other), absent);
    if (highest > 2 * keys.length + spareKeys) {
      throw datasetFailure({ file }, `has the key ${highest} in an index of ${keys.length} records`);
    }
    const offsets = new Float64Array(highest + 1).fill(absent);
    for (const [index, key] of keys.entries()) {
      if (offsets[key] !== absent)
        throw datasetFailure({ file, line: index + 1 }, `has the key ${key} twice`);
      offsets[key] = listed[index] ?? absent;
    }
    return new RecordIndex(offsets, keys.length, keys.at(-1) ?? absent);
  }

  /** Byte of the file at which a record begins; undefined where there is none of that key. */
  offsetOf(key: number): number | undefined {
    const offset = this.offsets[key];
    return offset === absent ? undefined : offset;
  }

  /** The keys in ascending order. */
  *keys(): Generator<number> {
    for (let key = 0; key < this.offsets.length; key++) if (this.offsets[key] !== absent) yield key;
  }
}

/** Numbers, not objects: a set has millions of records. */
interface IndexColumns {
  readonly keys: readonly number[];
  readonly offsets: readonly number[];
}

async function readEntries(path: string, file: string): Promise<IndexColumns> {
  const keys: number[] = [];
  const offsets: number[] = [];
  try {
    for await (const { text, line } of wholeLines(path, maximumLineBytes, 'read')) {
      const [, key, offset] = /^(\d{1,15})\t(\d{1,15})\r?$/u.exec(text) ?? [];
      if (key === undefined || offset === undefined) {
        throw datasetFailure({ file, line }, 'must hold a key and an offset, with a tab between them');
      }
      keys.push(Number(key));
      offsets.push(Number(offset));
    }
  } catch (error) {
    if (error instanceof RangeError) throw datasetFailure({ file }, 'is no index of records', error);
    if (error instanceof Error && 'code' in error) throw unreadable(path, error);
    throw error;
  }
  if (keys.length === 0) throw datasetFailure({ file }, 'holds no record');
  return { keys, offsets };
}
