import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';

const algorithm = 'aes-256-gcm';
const formatVersion = 1;
const nonceBytes = 12;
const tagBytes = 16;
const headerBytes = 1 + nonceBytes;

/** Bytes that were not sealed by this key and context, or were changed since. */
export class DecryptionError extends Error {
  override readonly name = 'DecryptionError';
}

/**
 * Encrypts with AES-256-GCM (NIST SP 800-38D) under a random 96-bit nonce. The context (which row and column) is
 * authenticated, so that a sealed value moved to another row does not open there.
 * Layout: format version, 1 byte; nonce, 12; ciphertext; tag, 16.
 */
export class SecretBox {
  /** @param key 32 bytes */
  constructor(private readonly key: Uint8Array) {
    if (key.length !== 32) throw new RangeError(`an AES-256 key has 32 bytes, not ${key.length}`);
  }

  seal(plain: Uint8Array, context: string): Uint8Array {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv(algorithm, this.key, nonce);
    cipher.setAAD(Buffer.from(context));
    const parts = [
      Uint8Array.of(formatVersion),
      nonce,
      cipher.update(plain),
      cipher.final(),
      cipher.getAuthTag(),
    ];
    return Buffer.concat(parts);
  }

  /**
   * The digest of bytes that only who has the key can compute, HMAC-SHA-256 under a key derived for it alone: whoever reads it
   * cannot find out of which bytes it is by trying.
   * @param context digests of the same bytes in another one differ
   */
  digest(bytes: Uint8Array, context: string): Uint8Array {
    const key = createHmac('sha256', this.key).update('symface digests').digest();
    return createHmac('sha256', key).update(`${context}\0`).update(bytes).digest();
  }

  /** @throws DecryptionError */
  open(sealed: Uint8Array, context: string): Uint8Array {
    if (sealed.length < headerBytes + tagBytes || sealed[0] !== formatVersion) {
      throw new DecryptionError('the value is in no known sealed format');
    }
    const decipher = createDecipheriv(algorithm, this.key, sealed.subarray(1, headerBytes));
    decipher.setAAD(Buffer.from(context));
    decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes));
    try {
      const body = sealed.subarray(headerBytes, sealed.length - tagBytes);
      return Buffer.concat([decipher.update(body), decipher.final()]);
    } catch (cause) {
      throw new DecryptionError('the value was sealed with another key or for another place, or is damaged', {
        cause,
      });
    }
  }
}
