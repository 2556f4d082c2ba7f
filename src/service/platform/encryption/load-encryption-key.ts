import { randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ConfigurationError } from '../configuration/configuration.js';
import { hasErrorCode, syncFolder, writeDurably } from '../../../storage/files/durable-files.js';

const keyBytes = 32;
const ownerOnly = 0o600;

export interface EncryptionSettings {
  /** The key as base64 of 32 bytes. */
  readonly encryptionKey: string | undefined;
  readonly encryptionKeyFile: string | undefined;
  readonly dataFolder: string;
  /** Whether a key may be made where none is configured: for development on this machine. */
  readonly mayMakeKey: boolean;
}

/**
 * The key that crops and templates are encrypted with.
 * @param warn told where a development key is used
 * @throws ConfigurationError where there is none, or it is no key
 */
export async function loadEncryptionKey(
  settings: EncryptionSettings,
  warn: (message: string) => void,
): Promise<Uint8Array> {
  if (settings.encryptionKey !== undefined) return parseKey(settings.encryptionKey, 'SYMFACE_ENCRYPTION_KEY');
  const { encryptionKeyFile: file } = settings;
  if (file !== undefined) return parseKey(await readKeyFile(file), `the key file ${file}`);
  if (!settings.mayMakeKey) {
    throw new ConfigurationError(
      'Set SYMFACE_ENCRYPTION_KEY_FILE (or SYMFACE_ENCRYPTION_KEY) to 32 random bytes in base64, for example from ' +
        '"openssl rand -base64 32". Faces that were enrolled cannot be read without it.',
    );
  }
  const path = join(settings.dataFolder, 'encryption.key');
  const text = (await readIfThere(path)) ?? (await makeKey(path));
  warn(
    `using the development key ${path}: whoever can read the data folder can decrypt the faces in it. ` +
      'Set SYMFACE_ENCRYPTION_KEY_FILE in production.',
  );
  return parseKey(text, `the key file ${path}`);
}

async function readKeyFile(file: string): Promise<string> {
  const text = await readIfThere(file);
  if (text === undefined) {
    throw new ConfigurationError(`SYMFACE_ENCRYPTION_KEY_FILE: there is no file ${file}.`);
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

async function makeKey(path: string): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  const text = `${randomBytes(keyBytes).toString('base64')}\n`;
  const incoming = `${path}.${randomUUID()}`;
  try {
    await writeDurably(incoming, text, ownerOnly);
    // Whole or not at all, and never over a key that is there.
    await link(incoming, path);
    await syncFolder(dirname(path));
    return text;
  } catch (error) {
    // Another process was faster.
    if (hasErrorCode(error, 'EEXIST')) return await readFile(path, 'utf8');
    throw error;
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
