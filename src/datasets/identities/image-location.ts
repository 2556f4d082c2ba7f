import { open, readFile } from 'node:fs/promises';
import { basename } from 'node:path';

import { datasetFailure } from '../dataset-failure.js';
import { readImageRecord } from './insightface-records.js';
import { RecordIoFile } from './record-io.js';

/** Bytes within a file. */
export interface FileRange {
  readonly path: string;
  readonly offset: number;
  readonly byteLength: number;
}

/** The place at which an encoded image is found; threads are told it. */
export type ImageLocation =
  | { readonly kind: 'file'; readonly path: string }
  | ({ readonly kind: 'range' } & FileRange)
  | {
      readonly kind: 'record';
      /** The path of the `.rec` file. */
      readonly path: string;
      readonly key: number;
      readonly offset: number;
      /** What the record must say of its class; only a few are read beforehand. */
      readonly label: number;
    };

type RecordLocation = Extract<ImageLocation, { kind: 'record' }>;

/** Reads encoded images. Record files stay open until the reader is closed. */
export class ImageReader {
  private readonly recordFiles = new Map<string, Promise<RecordIoFile>>();

  /**
   * @param name the image's, for messages
   * @throws Failure DATASET_INVALID naming the file or record that cannot be read or is of another class
   */
  async read(name: string, location: ImageLocation): Promise<Uint8Array> {
    if (location.kind === 'record') return this.recordAt(location);
    const reading = location.kind === 'file' ? readFile(location.path) : readRange(location);
    return reading.catch((cause: unknown) => {
      throw datasetFailure({ file: name }, 'cannot be read', cause);
    });
  }

  async close(): Promise<void> {
    const files = await Promise.allSettled(this.recordFiles.values());
    this.recordFiles.clear();
    for (const file of files) if (file.status === 'fulfilled') await file.value.close();
  }

  private async recordAt({ path, key, offset, label }: RecordLocation): Promise<Uint8Array> {
    const file = basename(path);
    const record = await readImageRecord(await this.recordFile(path), file, { key, offset });
    if (record.labels[0] === label) return record.content;
    const description = `has the label ${record.labels[0] ?? Number.NaN} among faces of the label ${label}`;
    throw datasetFailure({ file, entry: key, offset }, description);
  }

  private recordFile(path: string): Promise<RecordIoFile> {
    const known = this.recordFiles.get(path);
    if (known !== undefined) return known;
    const opening = RecordIoFile.open(path);
    this.recordFiles.set(path, opening);
    return opening;
  }
}

/** The bytes of a range, fewer where the file ends in it. The file is opened each time: nobody has to close it then. */
export async function readRange({ path, offset, byteLength }: FileRange): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(byteLength), 0, byteLength, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
