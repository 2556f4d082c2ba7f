import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { datasetFailure } from '../datasets/dataset-failure.js';
import { readImageRecord } from '../datasets/insightface-records.js';
import { RecordIoFile } from '../datasets/record-io.js';
import type { FaceToPrepare } from './batch-protocol.js';

/** Reads encoded faces; record files stay open. */
export class FaceReader {
  private readonly recordFiles = new Map<string, Promise<RecordIoFile>>();

  /** @throws Failure DATASET_INVALID naming the file or record that cannot be read or is of another class */
  async read({ name, location }: Pick<FaceToPrepare, 'name' | 'location'>): Promise<Uint8Array> {
    if (location.kind === 'file') {
      return readFile(location.path).catch((cause: unknown) => {
        throw datasetFailure({ file: name }, 'cannot be read', cause);
      });
    }
    const { path, key, offset, label } = location;
    const record = await readImageRecord(await this.recordFile(path), basename(path), { key, offset });
    if (record.labels[0] === label) return record.content;
    const description = `has the label ${record.labels[0] ?? Number.NaN} among faces of the label ${label}`;
    throw datasetFailure({ file: basename(path), entry: key, offset }, description);
  }

  private recordFile(path: string): Promise<RecordIoFile> {
    const known = this.recordFiles.get(path);
    if (known !== undefined) return known;
    const opening = RecordIoFile.open(path);
    this.recordFiles.set(path, opening);
    return opening;
  }
}
