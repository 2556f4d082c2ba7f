import type { MasterKey } from '../../../storage/encryption/master-key.js';
import { ConfigurationError } from '../configuration/configuration-error.js';

/** The master keys that a process was given. */
export interface MasterKeys {
  /** What data keys are sealed by from now on. */
  readonly configured: MasterKey;
  /** Opens what was sealed before the master key was changed. */
  readonly previous: MasterKey | undefined;
}

/** A key that is in no file yet: it is kept once it is known that the database has no other. */
export interface NewKey {
  /** The file that it will be in. */
  readonly file: string;
  /** Writes it. */
  readonly keep: () => Promise<void>;
}

export function knownMasterKeys({ configured, previous }: MasterKeys): readonly MasterKey[] {
  return previous === undefined ? [configured] : [configured, previous];
}

/**
 * @param description of the database
 * @param wanted the id of the master key that is needed, where it is known
 */
export function wrongMasterKey(
  description: string,
  wanted: string | undefined,
  masters: MasterKeys,
  newKey: NewKey | undefined,
): ConfigurationError {
  const which = wanted === undefined ? '' : ` (master key ${wanted})`;
  const given = knownMasterKeys(masters)
    .map(({ id }) => id)
    .join(' and ');
  const lost = newKey && ` Its key file ${newKey.file} is missing: restore that from a backup, or`;
  return new ConfigurationError(
    `The faces in the database (${description}) were encrypted with another key${which} than the one given (${given}).` +
      `${lost ?? ''} Set SYMFACE_ENCRYPTION_KEY_FILE, SYMFACE_ENCRYPTION_KEY or SYMFACE_ENCRYPTION_KEY_COMMAND to that key. ` +
      'While the master key is changed, set SYMFACE_ENCRYPTION_PREVIOUS_KEY_FILE to the one of before, too ' +
      '(docs/how-to/rotate-the-encryption-key.md).',
  );
}
