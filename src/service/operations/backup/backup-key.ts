import { createHmac, timingSafeEqual } from 'node:crypto';
import { Failure } from '../../../core/failure.js';

const fingerprintDigits = 16;

/** What a backup tells of the encryption key: which one it is, and, by a code, that its maker had it. Never the key. */
export class BackupKey {
  private readonly derived: Uint8Array;

  /** @param encryptionKey 32 bytes */
  constructor(encryptionKey: Uint8Array) {
    this.derived = createHmac('sha256', encryptionKey).update('symface backups').digest();
  }

  /** 16 hex digits that tell keys apart. */
  get fingerprint(): string {
    return this.hmac('fingerprint', Buffer.alloc(0)).toString('hex').slice(0, fingerprintDigits);
  }

  /** The code of a manifest, HMAC-SHA-256 as hex. */
  codeOf(manifest: Uint8Array): string {
    return this.hmac('manifest', manifest).toString('hex');
  }

  /**
   * @param fingerprint what the backup says
   * @throws Failure BACKUP_KEY_MISMATCH
   */
  requireSame(fingerprint: string): void {
    if (fingerprint === this.fingerprint) return;
    throw new Failure(
      'BACKUP_KEY_MISMATCH',
      `The faces in the backup were encrypted with the key ${fingerprint}, and the key here is ${this.fingerprint}. Set ` +
        'SYMFACE_ENCRYPTION_KEY_FILE or SYMFACE_ENCRYPTION_KEY to that key; of an embedded database it was the file ' +
        'encryption.key of its data folder.',
      { backup: fingerprint, here: this.fingerprint },
    );
  }

  isCodeOf(manifest: Uint8Array, code: string): boolean {
    const [right, given] = [Buffer.from(this.codeOf(manifest), 'hex'), Buffer.from(code, 'hex')];
    return right.length === given.length && timingSafeEqual(right, given);
  }

  private hmac(purpose: string, bytes: Uint8Array): Buffer {
    return createHmac('sha256', this.derived).update(`${purpose}\0`).update(bytes).digest();
  }
}
