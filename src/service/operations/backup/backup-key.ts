import { createHmac, timingSafeEqual } from 'node:crypto';
import { Failure } from '../../../core/failure.js';
import type { MasterKey } from '../../../storage/encryption/master-key.js';

/** What a backup tells of the master key: which one it is, and, by a code, that its maker had it. Never the key. */
export class BackupKey {
  private readonly derived: Uint8Array;

  constructor(private readonly masterKey: MasterKey) {
    this.derived = createHmac('sha256', masterKey.key).update('symface backups').digest();
  }

  /** 16 hex digits that tell keys apart: the id that the database's data keys have of it, too. */
  get fingerprint(): string {
    return this.masterKey.id;
  }

  /** The code of a manifest, HMAC-SHA-256 as hex. */
  codeOf(manifest: Uint8Array): string {
    return createHmac('sha256', this.derived).update(manifest).digest('hex');
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
        'SYMFACE_ENCRYPTION_KEY_FILE, SYMFACE_ENCRYPTION_KEY or SYMFACE_ENCRYPTION_KEY_COMMAND to that key; of an embedded database it was the file ' +
        'encryption.key of its data folder.',
      { backup: fingerprint, here: this.fingerprint },
    );
  }

  isCodeOf(manifest: Uint8Array, code: string): boolean {
    const [right, given] = [Buffer.from(this.codeOf(manifest), 'hex'), Buffer.from(code, 'hex')];
    return right.length === given.length && timingSafeEqual(right, given);
  }
}
