import type { DecipherGCM } from 'node:crypto';

import { type ByteReader, piecesOf } from '../files/byte-reader.js';
import { DecryptionError, type SecretBox, sealTagBytes, sealStartBytes } from './secret-box.js';

/**
 * What a box sealed, opened as it is read. Only once all of it was read does {@link OpenedBytes.requireGenuine} tell whether it is what was
 * sealed: until then nothing of it may be used.
 */
export class OpenedBytes implements ByteReader {
  private constructor(
    private readonly sealed: ByteReader,
    private readonly decipher: DecipherGCM,
    readonly byteLength: number,
  ) {}

  /** @throws DecryptionError where it is in no known format, or sealed by an unknown key */
  static async begin(sealed: ByteReader, box: SecretBox, context: string): Promise<OpenedBytes> {
    if (sealed.byteLength === 0) throw new DecryptionError('there is nothing to open');
    const layout = await nextBytes(sealed, 1);
    const startBytes = sealStartBytes(layout[0]);
    const byteLength = sealed.byteLength - startBytes - sealTagBytes;
    if (byteLength < 0) throw new DecryptionError('the value is cut short');
    const start = Buffer.concat([layout, await nextBytes(sealed, startBytes - 1)]);
    return new OpenedBytes(sealed, box.decipher(start, context), byteLength);
  }

  async fill(target: Uint8Array): Promise<void> {
    await this.sealed.fill(target);
    for (const piece of piecesOf(target)) piece.set(this.decipher.update(piece));
  }

  /** To be called behind the last byte. @throws DecryptionError where it is not what was sealed for this place */
  async requireGenuine(): Promise<void> {
    this.decipher.setAuthTag(await nextBytes(this.sealed, sealTagBytes));
    try {
      this.decipher.final();
    } catch (cause) {
      throw new DecryptionError('the value was sealed with another key or for another place, or is damaged', {
        cause,
      });
    }
  }
}

async function nextBytes(reader: ByteReader, count: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(count);
  await reader.fill(bytes);
  return bytes;
}
