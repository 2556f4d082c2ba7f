import { createCipheriv, createDecipheriv, createHmac, type DecipherGCM, randomBytes } from 'node:crypto';

const algorithm = 'aes-256-gcm';
/** Layout 1 is of data key 1 and names no key: all that was sealed before keys could be rotated is in it. */
const firstDataKey = 1;
const firstLayout = 1;
const numberedLayout = 2;
const numberBytes = 4;
const nonceBytes = 12;
/** Bytes of a sealed value behind its ciphertext. */
export const sealTagBytes = 16;
const keyBytes = 32;

/** Bytes that were not sealed by this key and context, or were changed since. */
export class DecryptionError extends Error {
  override readonly name = 'DecryptionError';
}

/** Keys by their numbers, as a thread or process can be sent them. */
export interface NumberedKeys {
  /** The number of the key that seals. */
  readonly current: number;
  /** 32 bytes each; all of them open. */
  readonly keys: ReadonlyMap<number, Uint8Array>;
}

/** One key alone, as data key 1. */
export function oneKey(key: Uint8Array): NumberedKeys {
  return { current: firstDataKey, keys: new Map([[firstDataKey, key]]) };
}

/**
 * Encrypts with AES-256-GCM (NIST SP 800-38D) under a random 96-bit nonce. The context (which row and column) is
 * authenticated, so that a sealed value moved to another row does not open there.
 *
 * Layout 1: the byte 1; nonce, 12; ciphertext; tag, 16: sealed by data key 1.
 * Layout 2: the byte 2; the data key's number, 4, big-endian; nonce, 12; ciphertext; tag, 16.
 */
export class SecretBox {
  private readonly current: Uint8Array;

  /** @throws RangeError where a key has not 32 bytes, or the current one is missing */
  constructor(readonly numbered: NumberedKeys) {
    for (const { length } of numbered.keys.values()) {
      if (length !== keyBytes) throw new RangeError(`an AES-256 key has ${keyBytes} bytes, not ${length}`);
    }
    const current = numbered.keys.get(numbered.current);
    if (current === undefined) throw new RangeError(`there is no data key ${numbered.current}`);
    this.current = current;
  }

  seal(plain: Uint8Array, context: string): Uint8Array {
    return Buffer.concat([...this.sealed([plain], context)]);
  }

  /** What {@link seal} makes of all parts together, part by part: they need not fit into memory. */
  *sealed(parts: Iterable<Uint8Array>, context: string): Generator<Uint8Array> {
    const nonce = randomBytes(nonceBytes);
    const cipher = createCipheriv(algorithm, this.current, nonce);
    cipher.setAAD(Buffer.from(context));
    yield headerOf(this.numbered.current);
    yield nonce;
    for (const part of parts) yield cipher.update(part);
    cipher.final();
    yield cipher.getAuthTag();
  }

  /** @throws DecryptionError */
  open(sealed: Uint8Array, context: string): Uint8Array {
    const bodyStart = sealStartBytes(sealed[0]);
    const tagStart = sealed.length - sealTagBytes;
    if (tagStart < bodyStart) throw new DecryptionError('the value is in no known sealed format');
    const decipher = this.decipher(sealed.subarray(0, bodyStart), context);
    decipher.setAuthTag(sealed.subarray(tagStart));
    try {
      return Buffer.concat([decipher.update(sealed.subarray(bodyStart, tagStart)), decipher.final()]);
    } catch (cause) {
      throw new DecryptionError('the value was sealed with another key or for another place, or is damaged', {
        cause,
      });
    }
  }

  /**
   * What opens the ciphertext of a value; it still needs the tag.
   * @param start of the value, {@link sealStartBytes} of them
   * @throws DecryptionError where the key that it names is unknown
   */
  decipher(start: Uint8Array, context: string): DecipherGCM {
    const number = start[0] === firstLayout ? firstDataKey : Buffer.from(start).readUInt32BE(1);
    const key = this.numbered.keys.get(number);
    if (key === undefined)
      throw new DecryptionError(`the value was sealed by an unknown data key, ${number}`);
    const decipher = createDecipheriv(algorithm, key, start.subarray(start.length - nonceBytes));
    decipher.setAAD(Buffer.from(context));
    return decipher;
  }
}

/** Bytes of a sealed value before its ciphertext, by its first one. @throws DecryptionError where that is of no known layout */
export function sealStartBytes(layout: number | undefined): number {
  if (layout === firstLayout) return 1 + nonceBytes;
  if (layout === numberedLayout) return 1 + numberBytes + nonceBytes;
  throw new DecryptionError('the value is in no known sealed format');
}

/** The number of the data key that a value was sealed by; undefined where it is in no known layout. */
export function dataKeyOf(sealed: Uint8Array): number | undefined {
  const overhead = nonceBytes + sealTagBytes;
  if (sealed[0] === firstLayout) return sealed.length < 1 + overhead ? undefined : firstDataKey;
  if (sealed[0] !== numberedLayout || sealed.length < 1 + numberBytes + overhead) return undefined;
  return new DataView(sealed.buffer, sealed.byteOffset).getUint32(1);
}

function headerOf(number: number): Uint8Array {
  if (number === firstDataKey) return Uint8Array.of(firstLayout);
  const header = Buffer.alloc(1 + numberBytes);
  header.writeUInt8(numberedLayout);
  header.writeUInt32BE(number, 1);
  return header;
}

/** HMAC-SHA-256, by which other keys are made of one: a purpose's tells nothing of another's. */
export function deriveKey(key: Uint8Array, purpose: string): Uint8Array {
  return createHmac('sha256', key).update(purpose).digest();
}
