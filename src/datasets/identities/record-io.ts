import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { datasetFailure } from '../dataset-failure.js';
import { requireDatasetFile, unreadable } from '../dataset-file.js';

const magic = 0xced7230a;
const magicBytes = Buffer.from([0x0a, 0x23, 0xd7, 0xce]);
/** Magic, then the part's kind in the upper 3 bits and its length in the lower 29, both little-endian. */
const partHeaderBytes = 8;
const lengthBits = 29;
/** A record with the magic in its data is cut there, into parts: its beginning, middles and end. */
const kinds = { whole: 0, beginning: 1, middle: 2, end: 3 } as const;

/** An aligned crop has 5 to 40 KB, so one read of the file mostly brings a whole record. */
const readAheadBytes = 32 * 1024;
/** The largest image that is decoded, and its header. */
const maximumRecordBytes = 16 * 1024 * 1024 + 64 * 1024;

/** A record's place: its offset in the file, and its key in the index, for messages. */
export interface RecordPosition {
  readonly key: number;
  readonly offset: number;
}

/** A file in MXNet's RecordIO, read record by record at offsets from its index; never as a whole. */
export class RecordIoFile {
  private constructor(
    private readonly file: FileHandle,
    private readonly name: string,
    private readonly size: number,
  ) {}

  /** @throws Failure DATASET_INVALID where it cannot be opened */
  static async open(path: string): Promise<RecordIoFile> {
    await requireDatasetFile(path, Number.MAX_SAFE_INTEGER);
    try {
      const file = await open(path, 'r');
      return new RecordIoFile(file, basename(path), (await file.stat()).size);
    } catch (cause) {
      throw unreadable(path, cause);
    }
  }

  /**
   * The data of a record; its parts are joined.
   * @throws Failure DATASET_INVALID naming the file, the record and the byte
   */
  async read(place: RecordPosition): Promise<Buffer> {
    const parts: Buffer[] = [];
    let total = 0;
    for (let offset = place.offset; ;) {
      const { kind, length, start } = await this.readPart(place, offset, readAheadBytes);
      this.requireKind(place, offset, kind, parts.length === 0);
      // The magic between two parts is in neither.
      if (parts.length > 0) parts.push(magicBytes);
      total += length + magicBytes.length;
      if (total > maximumRecordBytes) {
        throw this.damaged(place, offset, `has a record of more than ${maximumRecordBytes} bytes`);
      }
      parts.push(await this.wholePart(offset, length, start));
      if (kind === kinds.whole || kind === kinds.end)
        return parts.length === 1 ? (parts[0] ?? start) : Buffer.concat(parts);
      offset += partHeaderBytes + Math.ceil(length / 4) * 4;
    }
  }

  /**
   * The first bytes of a record: at least `byteCount`, unless it is shorter.
   * @throws Failure DATASET_INVALID naming the file, the record and the byte
   */
  async readStart(place: RecordPosition, byteCount: number): Promise<Buffer> {
    const { kind, start } = await this.readPart(place, place.offset, byteCount);
    this.requireKind(place, place.offset, kind, true);
    return kind === kinds.beginning ? this.read(place) : start;
  }

  async close(): Promise<void> {
    await this.file.close();
  }

  /** @returns the part's kind and length, and its first bytes, at most `byteCount` */
  private async readPart(
    place: RecordPosition,
    offset: number,
    byteCount: number,
  ): Promise<{ readonly kind: number; readonly length: number; readonly start: Buffer }> {
    const bytes = await this.readAt(offset, partHeaderBytes + byteCount);
    if (bytes.length < partHeaderBytes) throw this.damaged(place, offset, 'ends before the record');
    if (bytes.readUInt32LE(0) !== magic) throw this.damaged(place, offset, 'has no record here');
    const word = bytes.readUInt32LE(4);
    const length = word & (2 ** lengthBits - 1);
    if (offset + partHeaderBytes + length > this.size) {
      throw this.damaged(place, offset, `ends within the record, which has ${length} bytes`);
    }
    const start = bytes.subarray(partHeaderBytes, partHeaderBytes + Math.min(length, byteCount));
    return { kind: word >>> lengthBits, length, start };
  }

  private async wholePart(offset: number, length: number, start: Buffer): Promise<Buffer> {
    return start.length === length ? start : this.readAt(offset + partHeaderBytes, length);
  }

  /** Reads bytes; they are fewer only where the file ends. */
  private async readAt(offset: number, byteCount: number): Promise<Buffer> {
    const bytes = Buffer.allocUnsafe(Math.max(Math.min(byteCount, this.size - offset), 0));
    let filled = 0;
    try {
      while (filled < bytes.length) {
        const { bytesRead } = await this.file.read(bytes, filled, bytes.length - filled, offset + filled);
        if (bytesRead === 0) throw new Error(`the file became shorter than its ${this.size} bytes`);
        filled += bytesRead;
      }
    } catch (cause) {
      throw datasetFailure({ file: this.name, offset }, 'cannot be read', cause);
    }
    return bytes;
  }

  private requireKind(place: RecordPosition, offset: number, kind: number, isFirst: boolean): void {
    const begins = kind === kinds.whole || kind === kinds.beginning;
    const isKnown = kind <= kinds.end;
    if (isKnown && begins === isFirst) return;
    const description = isFirst
      ? 'has the middle of a record here, not its beginning'
      : 'lacks the end of the record';
    throw this.damaged(place, offset, description);
  }

  private damaged({ key }: RecordPosition, offset: number, description: string): Error {
    return datasetFailure({ file: this.name, entry: key, offset }, description);
  }
}
