import { createHash } from 'node:crypto';
import { type FileHandle, open } from 'node:fs/promises';

/** What is read, written, hashed or encrypted at a time: far below the 2 GiB that the system and Node take at once. */
const pieceBytes = 16 * 1024 ** 2;

/** Bytes that are read from their beginning on, in their order; all of them need not fit into memory. */
export interface ByteReader {
  /** How many there are in all */
  readonly byteLength: number;
  /** Fills an array with the next ones. @throws RangeError where there are fewer */
  fill(target: Uint8Array): Promise<void>;
}

/** Bytes in pieces of a size that everything takes; views, no copies. */
export function* piecesOf(bytes: Uint8Array, maximumBytes = pieceBytes): Generator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += maximumBytes)
    yield bytes.subarray(start, start + maximumBytes);
}

/** A file from its beginning on. */
export class FileByteReader implements ByteReader {
  private readBytes = 0;

  private constructor(
    private readonly file: FileHandle,
    readonly byteLength: number,
  ) {}

  /** @throws the system's error */
  static async open(path: string): Promise<FileByteReader> {
    const file = await open(path, 'r');
    return new FileByteReader(file, (await file.stat()).size);
  }

  async fill(target: Uint8Array): Promise<void> {
    for (const piece of piecesOf(target)) await this.fillPiece(piece);
  }

  async close(): Promise<void> {
    await this.file.close();
  }

  private async fillPiece(piece: Uint8Array): Promise<void> {
    for (let filled = 0; filled < piece.length;) {
      const { bytesRead } = await this.file.read(piece, filled, piece.length - filled, this.readBytes);
      if (bytesRead === 0) throw new RangeError(`the file ends at byte ${this.readBytes}`);
      filled += bytesRead;
      this.readBytes += bytesRead;
    }
  }
}

/** Bytes on their way through SHA-256. */
export class DigestedBytes implements ByteReader {
  private readonly digest = createHash('sha256');

  constructor(private readonly source: ByteReader) {}

  get byteLength(): number {
    return this.source.byteLength;
  }

  async fill(target: Uint8Array): Promise<void> {
    await this.source.fill(target);
    for (const piece of piecesOf(target)) this.digest.update(piece);
  }

  /** The SHA-256 of all that was read, hex; nothing can be read afterwards. */
  sha256(): string {
    return this.digest.digest('hex');
  }
}
