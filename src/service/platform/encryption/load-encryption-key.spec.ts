import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadEncryptionKey } from './load-encryption-key.js';

const key = Buffer.alloc(32, 5);

describe('loadEncryptionKey', () => {
  let dataFolder: string;
  let warnings: string[];

  beforeEach(async () => {
    dataFolder = await mkdtemp(join(tmpdir(), 'symface-key-'));
    warnings = [];
  });

  afterEach(() => rm(dataFolder, { recursive: true }));

  const load = async (settings: Partial<Parameters<typeof loadEncryptionKey>[0]>) =>
    loadEncryptionKey(
      { encryptionKey: undefined, encryptionKeyFile: undefined, dataFolder, mayMakeKey: false, ...settings },
      (message) => warnings.push(message),
    );

  it('takes the key from the setting, else from its file, without a warning', async () => {
    const file = join(dataFolder, 'key');
    await writeFile(file, `${key.toString('base64')}\n`);
    expect(await load({ encryptionKey: key.toString('base64'), encryptionKeyFile: 'none' })).toEqual(key);
    expect(await load({ encryptionKeyFile: file })).toEqual(key);
    expect(warnings).toEqual([]);
  });

  it('makes a development key once, for its owner only, and warns each time', async () => {
    const first = await load({ mayMakeKey: true });
    expect(await load({ mayMakeKey: true })).toEqual(first);
    expect(first).toHaveLength(32);
    const path = join(dataFolder, 'encryption.key');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(Buffer.from(await readFile(path, 'utf8'), 'base64')).toEqual(first);
    expect(warnings).toHaveLength(2);
  });

  it('agrees with another process that makes the key at the same time', async () => {
    const keys = await Promise.all(Array.from({ length: 8 }, () => load({ mayMakeKey: true })));
    expect(new Set(keys.map((made) => Buffer.from(made).toString('hex'))).size).toBe(1);
  });

  it.each([
    { name: 'no key', settings: {}, says: /Set SYMFACE_ENCRYPTION_KEY_FILE/u },
    { name: 'a short key', settings: { encryptionKey: 'c2hvcnQ=' }, says: /32 bytes in base64/u },
    { name: 'a key in hex', settings: { encryptionKey: 'ab'.repeat(32) }, says: /32 bytes in base64/u },
    { name: 'no such file', settings: { encryptionKeyFile: '/no/such/file' }, says: /there is no file/u },
    { name: 'a folder', settings: { encryptionKeyFile: tmpdir() }, says: /EISDIR/u },
  ])('refuses $name, saying what is needed', async ({ settings, says }) => {
    await expect(load(settings)).rejects.toThrow(says);
  });
});
