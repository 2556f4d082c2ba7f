import { randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ConfigurationError } from '../configuration/configuration-error.js';
import type { KeySource } from '../configuration/encryption-settings.js';
import { hasErrorCode, syncFolder, writeDurably } from '../../../storage/files/durable-files.js';
import { MasterKey } from '../../../storage/encryption/master-key.js';
import { readKeyCommand } from './key-command.js';
import type { MasterKeys, NewKey } from './master-keys.js';

const keyBytes = 32;
const ownerOnly = 0o600;

export interface MasterKeySettings {
  readonly configured: KeySource;
  readonly previous: KeySource;
  readonly dataFolder: string;
  /** Whether a key may be made where none is configured: for development on this machine. */
  readonly mayMakeKey: boolean;
}

interface LoadedKey {
  readonly key: Uint8Array;
  /** Where the key was made just now, and is in no file: the file that {@link NewKey.keep} writes. */
  readonly made?: NewKey;
}

/**
 * Reads the master keys, or makes one, which is not written yet: a database may be there whose key was lost.
 * @param warn told where a development key is used, or others can read the file
 * @throws ConfigurationError where there is none, or it is no key
 */
export async function loadMasterKeys(
  { configured, previous, dataFolder, mayMakeKey }: MasterKeySettings,
  warn: (message: string) => void,
): Promise<{ readonly masters: MasterKeys; readonly made?: NewKey }> {
  const before = await readSource(previous, 'SYMFACE_ENCRYPTION_PREVIOUS_KEY', warn);
  const given = await readSource(configured, 'SYMFACE_ENCRYPTION_KEY', warn);
  if (given === undefined && !mayMakeKey) {
    throw new ConfigurationError(
      'Set SYMFACE_ENCRYPTION_KEY_FILE (or SYMFACE_ENCRYPTION_KEY, or SYMFACE_ENCRYPTION_KEY_COMMAND) to 32 random bytes in ' +
        'base64, for example from "openssl rand -base64 32". Faces that were enrolled cannot be read without it.',
    );
  }
  const { key, made }: LoadedKey =
    given === undefined ? await developmentKey(join(dataFolder, 'encryption.key'), warn) : { key: given };
  const masters = {
    configured: new MasterKey(key),
    previous: before === undefined ? undefined : new MasterKey(before),
  };
  return { masters, ...(made && { made }) };
}

/** The key of the first variable that is set; undefined where none is. @param variable that of the key itself */
async function readSource(
  { key, file, command }: KeySource,
  variable: string,
  warn: (message: string) => void,
): Promise<Uint8Array | undefined> {
  if (key !== undefined) return parseKey(key, variable);
  if (file !== undefined) {
    const parsed = parseKey(await readKeyFile(file, `${variable}_FILE`), `the key file ${file}`);
    await remarkOnMode(file, warn);
    return parsed;
  }
  if (command === undefined) return undefined;
  const setting = `${variable}_COMMAND`;
  return parseKey(await readKeyCommand(command, setting), `what the program of ${setting} prints`);
}

async function developmentKey(path: string, warn: (message: string) => void): Promise<LoadedKey> {
  const text = await readIfThere(path);
  warn(
    `using the development key ${path}: whoever can read the data folder can decrypt the faces in it. ` +
      'Set SYMFACE_ENCRYPTION_KEY_FILE in production.',
  );
  if (text === undefined) {
    const key = randomBytes(keyBytes);
    return { key, made: { file: path, keep: async () => keepKey(path, key) } };
  }
  await remarkOnMode(path, warn);
  return { key: parseKey(text, `the key file ${path}`) };
}

/** Others than the owner and the group: secrets of orchestrators are their group's. */
async function remarkOnMode(path: string, warn: (message: string) => void): Promise<void> {
  const mode = (await stat(path)).mode & 0o777;
  if (process.platform === 'win32' || (mode & 0o007) === 0) return;
  warn(
    `every user of this machine can read the key file ${path} (mode ${mode.toString(8)}): type "chmod 600 ${path}".`,
  );
}

async function readKeyFile(file: string, setting: string): Promise<string> {
  const text = await readIfThere(file);
  if (text === undefined) {
    throw new ConfigurationError(`${setting}: there is no file ${file}.`);
  }
  return text;
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (hasErrorCode(cause, 'ENOENT')) return undefined;
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new ConfigurationError(`Cannot read the encryption key ${path} (${code}).`, { cause });
  }
}

/** @throws ConfigurationError where another process has made one meanwhile */
async function keepKey(path: string, key: Uint8Array): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const incoming = `${path}.${randomUUID()}`;
  try {
    await writeDurably(incoming, `${Buffer.from(key).toString('base64')}\n`, ownerOnly);
    // Whole or not at all, and never over a key that is there.
    await link(incoming, path);
    await syncFolder(dirname(path));
  } catch (error) {
    if (!hasErrorCode(error, 'EEXIST')) throw error;
    throw new ConfigurationError(`Another process has just made the key ${path}. Start again.`, {
      cause: error,
    });
  } finally {
    await rm(incoming, { force: true });
  }
}

function parseKey(text: string, source: string): Uint8Array {
  const key = Buffer.from(text.trim(), 'base64');
  if (key.length === keyBytes && /^[A-Za-z0-9+/]{43}=$/u.test(text.trim())) return key;
  throw new ConfigurationError(
    `${source} must hold 32 bytes in base64 (44 characters), for example from "openssl rand -base64 32".`,
  );
}
