import { Failure } from '../../core/failure.js';
import { datasetFailure } from '../../datasets/dataset-failure.js';
import { ImageReader, readRange } from '../../datasets/identities/image-location.js';
import { openCrop } from '../../storage/encryption/sealed-records.js';
import { DecryptionError, oneKey, SecretBox } from '../../storage/encryption/secret-box.js';
import type { FaceToPrepare } from './batch-protocol.js';
import type { FaceLocation } from './training-face-source.js';

type SealedLocation = Extract<FaceLocation, { kind: 'sealed' }>;

/** Reads encoded faces; record files stay open. */
export class FaceReader {
  private readonly images = new ImageReader();
  private readonly box: SecretBox | undefined;

  /** @param encryptionKey needed for enrolled faces */
  constructor(encryptionKey?: Uint8Array) {
    this.box = encryptionKey === undefined ? undefined : new SecretBox(oneKey(encryptionKey));
  }

  /** @throws Failure DATASET_INVALID naming the file or record that cannot be read or is of another class */
  async read({ name, location }: Pick<FaceToPrepare, 'name' | 'location'>): Promise<Uint8Array> {
    return location.kind === 'sealed' ? this.openSealed(location) : this.images.read(name, location);
  }

  async close(): Promise<void> {
    await this.images.close();
  }

  private async openSealed({ faceId, ...range }: SealedLocation): Promise<Uint8Array> {
    if (this.box === undefined) {
      throw new Failure(
        'INVALID_ARGUMENT',
        'Enrolled faces are encrypted, and the key to them is not given.',
      );
    }
    const sealed = await readRange(range);
    try {
      return openCrop(this.box, faceId, sealed);
    } catch (error) {
      if (!(error instanceof DecryptionError)) throw error;
      throw datasetFailure({ file: faceId }, error.message, error);
    }
  }
}
