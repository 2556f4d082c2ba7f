import { randomBytes } from 'node:crypto';
import type { MasterKey } from '../../../storage/encryption/master-key.js';
import { digestKeyOf } from '../../../storage/encryption/sealed-records.js';
import { DecryptionError } from '../../../storage/encryption/secret-box.js';
import type { Database } from '../database/database.js';
import { dataKeys, digestKeyNumber, encryptionChecks } from './data-key-tables.js';
import { knownMasterKeys, type MasterKeys, type NewKey, wrongMasterKey } from './master-keys.js';

const checkContext = 'encryption check';
const firstNumber = 1;
const keyBytes = 32;

/**
 * Makes the first data keys of a database that has none. Where its faces were sealed by the operator's key itself, that is data
 * key 1, so that they need not be sealed anew. Of processes that do it at once one does.
 * @param newKey the master key's file, where it was made just now
 * @throws ConfigurationError where the faces were sealed by another key
 */
export async function makeFirstDataKeys(
  database: Database,
  masters: MasterKeys,
  newKey: NewKey | undefined,
): Promise<void> {
  const former = await formerKey(database, masters, newKey);
  if (former === undefined) await newKey?.keep();
  const master = former ?? masters.configured;
  const made = new Map([
    [digestKeyNumber, former === undefined ? randomBytes(keyBytes) : digestKeyOf(former.key)],
    [firstNumber, former === undefined ? randomBytes(keyBytes) : former.key],
  ]);
  await database.transaction(async (sql) => {
    for (const [number, key] of made) {
      const row = { number, masterKeyId: master.id, sealed: master.sealDataKey(number, key) };
      // Where another process was faster, this waits for its first row, and then leaves both as they are.
      await sql.createUnlessThere(dataKeys, row);
    }
    await sql.rows('DELETE FROM encryption_checks');
  });
}

/** The operator's key that sealed what is there; undefined where nothing was sealed. */
export async function formerKey(
  database: Database,
  masters: MasterKeys,
  newKey: NewKey | undefined,
): Promise<MasterKey | undefined> {
  const [check] = await database.find(encryptionChecks, { take: 1 });
  if (check === undefined) return undefined;
  const found = knownMasterKeys(masters).find((master) => opens(master, check.sealed));
  if (found === undefined) throw wrongMasterKey(database.description, undefined, masters, newKey);
  return found;
}

function opens(master: MasterKey, sealed: Uint8Array): boolean {
  try {
    master.formerBox.open(sealed, checkContext);
    return true;
  } catch (error) {
    if (error instanceof DecryptionError) return false;
    throw error;
  }
}
