import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { datasetFailure } from '../dataset-failure.js';
import { requireDatasetFile, unreadable } from '../dataset-file.js';
import { IndexLineReader } from './index-lines.js';

/** Some 100 million records; more are in no set in use. */
const maximumIndexBytes = 2 ** 31;
const readBytes = 1024 ** 2;
/** The shortest line has two digits, a tab and a newline; those of a set of millions have about 20 bytes. */
const shortestLineBytes = 4;
const usualLineBytes = 16;
/** Keys that are not in use, beyond one for each that is: an index of few huge keys must not take all memory. */
const spareKeys = 1024;

/** The offsets of the records of a RecordIO file: one number for each key, since a set has millions. */
export class RecordIndex {
  private count = 0;
  private last = -1;
  private highest = -1;
  /** By key: 1 + the byte at which the record begins; 0 where there is none, as memory is before it is used */
  private offsets: Float64Array;

  private constructor(
    private readonly file: string,
    private readonly fileBytes: number,
  ) {
    this.offsets = new Float64Array(Math.ceil(fileBytes / usualLineBytes) + 1);
  }

  /**
   * Reads an `.idx` file: lines of "key TAB offset".
   * @throws Failure DATASET_INVALID naming the line
   */
  static async read(path: string): Promise<RecordIndex> {
    const fileBytes = await requireDatasetFile(path, maximumIndexBytes);
    const index = new RecordIndex(basename(path), fileBytes);
    const lines = new IndexLineReader((key, offset, line) => {
      index.put(key, offset, line);
    });
    try {
      for await (const bytes of createReadStream(path, { highWaterMark: readBytes }))
        lines.read(bytes as Buffer);
      lines.end();
    } catch (error) {
      if (error instanceof RangeError) {
        const place = { file: index.file, line: lines.currentLine };
        throw datasetFailure(place, 'must hold a key and an offset, with a tab between them', error);
      }
      if (error instanceof Error && 'code' in error) throw unreadable(path, error);
      throw error;
    }
    index.requireDense();
    return index;
  }

  get recordCount(): number {
    return this.count;
  }

  /** The last line's, whose offset may be cut short where no newline ends it. */
  get lastKey(): number {
    return this.last;
  }

  /** Byte of the file at which a record begins; undefined where there is none of that key. */
  offsetOf(key: number): number | undefined {
    const place = this.offsets[key] ?? 0;
    return place === 0 ? undefined : place - 1;
  }

  /** The keys in ascending order. */
  keys(): Uint32Array {
    const keys = new Uint32Array(this.count);
    let next = 0;
    for (let key = 0; key <= this.highest; key++) if (this.offsets[key] !== 0) keys[next++] = key;
    return keys;
  }

  private put(key: number, offset: number, line: number): void {
    if (key >= this.offsets.length) this.grow(key, line);
    if (this.offsets[key] !== 0) throw datasetFailure({ file: this.file, line }, `has the key ${key} twice`);
    this.offsets[key] = offset + 1;
    this.count++;
    this.last = key;
    this.highest = Math.max(this.highest, key);
  }

  private grow(key: number, line: number): void {
    const mostRecords = Math.ceil(this.fileBytes / shortestLineBytes);
    if (key > 2 * mostRecords + spareKeys) {
      const description = `has the key ${key} in an index of at most ${mostRecords} records`;
      throw datasetFailure({ file: this.file, line }, description);
    }
    const grown = new Float64Array(Math.max(key + 1, 2 * this.offsets.length));
    grown.set(this.offsets);
    this.offsets = grown;
  }

  /** @throws Failure DATASET_INVALID where it holds nothing, or keys far beyond the number of records */
  private requireDense(): void {
    const { file, count, highest } = this;
    if (count === 0) throw datasetFailure({ file }, 'holds no record');
    if (highest > 2 * count + spareKeys)
      throw datasetFailure({ file }, `has the key ${highest} in an index of ${count} records`);
  }
}
