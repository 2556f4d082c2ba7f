import { deriveKey, oneKey, SecretBox } from './secret-box.js';

/** The bytes of a {@link MasterKey.id}. */
const idBytes = 8;

/** The key that an operator keeps: it seals data keys, and nothing else. */
export class MasterKey {
  /** A fingerprint, by which people and the database tell master keys apart: hex, and nothing of the key. */
  readonly id: string;
  private readonly box: SecretBox;

  /** @param key 32 random bytes */
  constructor(readonly key: Uint8Array) {
    this.box = new SecretBox(oneKey(key));
    this.id = Buffer.from(deriveKey(key, 'symface master key').subarray(0, idBytes)).toString('hex');
  }

  /** @param number the data key's: sealed as another one it does not open */
  sealDataKey(number: number, key: Uint8Array): Uint8Array {
    return this.box.seal(key, contextOf(number));
  }

  /** @throws DecryptionError */
  openDataKey(number: number, sealed: Uint8Array): Uint8Array {
    return this.box.open(sealed, contextOf(number));
  }

  /** What was sealed by the operator's key itself, before there were data keys. */
  get formerBox(): SecretBox {
    return this.box;
  }
}

function contextOf(number: number): string {
  return `data key ${number}`;
}
