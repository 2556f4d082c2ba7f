import { open, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { Failure } from '../../core/failure.js';
import { datasetFailure } from '../../datasets/dataset-failure.js';
import { readImageRecord } from '../../datasets/identities/insightface-records.js';
import { RecordIoFile } from '../../datasets/identities/record-io.js';
import { openCrop } from '../../storage/encryption/sealed-records.js';
import { SealBroken, SecretBox } from '../../storage/encryption/secret-box.js';
import type { FaceToPrepare } from './batch-protocol.js';
import type { FaceLocation } from './training-face-source.js';

type SealedLocation = Extract<FaceLocation, { kind: 'sealed' }>;

/** Reads encoded faces; record files stay open. */
export class FaceReader {
  private readonly recordFiles = new Map<string, Promise<RecordIoFile>>();
  private readonly box: SecretBox | undefined;

  /** @param encryptionKey needed for enrolled faces */
  constructor(encryptionKey?: Uint8Array) {
    this.box = encryptionKey === undefined ? undefined : new SecretBox(encryptionKey);
  }

  /** @throws Failure DATASET_INVALID naming the file or record that cannot be read or is of another class */
  async read({ name, location }: Pick<FaceToPrepare, 'name' | 'location'>): Promise<Uint8Array> {
    if (location.kind === 'file') {
      return readFile(location.path).catch((cause: unknown) => {
        throw datasetFailure({ file: name }, 'cannot be read', cause);
      });
    }
    if (location.kind === 'sealed') return this.openSealed(location);
    const { path, key, offset, label } = location;
    const record = await readImageRecord(await this.recordFile(path), basename(path), { key, offset });
    if (record.labels[0] === label) return record.content;
    const description = `has the label ${record.labels[0] ?? Number.NaN} among faces of the label ${label}`;
    throw datasetFailure({ file: basename(path), entry: key, offset }, description);
  }

  private async openSealed({ path, faceId, offset, byteLength }: SealedLocation): Promise<Uint8Array> {
    if (this.box === undefined) {
      throw new Failure(
        'INVALID_ARGUMENT',
        'Enrolled faces are encrypted, and the key to them is not given.',
      );
    }
    const sealed = await bytesOf(path, offset, byteLength);
    try {
      return openCrop(this.box, faceId, sealed);
    } catch (error) {
      if (!(error instanceof SealBroken)) throw error;
      throw datasetFailure({ file: faceId }, error.message, error);
    }
  }

  private recordFile(path: string): Promise<RecordIoFile> {
    const known = this.recordFiles.get(path);
    if (known !== undefined) return known;
    const opening = RecordIoFile.open(path);
    this.recordFiles.set(path, opening);
    return opening;
  }
}

/** Opened each time: that is nothing beside decoding, and nobody has to close it. */
async function bytesOf(path: string, offset: number, byteLength: number): Promise<Uint8Array> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(byteLength), 0, byteLength, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
