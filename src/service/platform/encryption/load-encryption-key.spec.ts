import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
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
    await writeFile(file, `${key.toString('base64')}\n`, { mode: 0o600 });
    expect(await load({ encryptionKey: key.toString('base64'), encryptionKeyFile: 'none' })).toEqual({ key });
    expect(await load({ encryptionKeyFile: file })).toEqual({ key });
    expect(warnings).toEqual([]);
  });

  it('remarks on a key file that every user can read', async () => {
    const file = join(dataFolder, 'key');
    await writeFile(file, key.toString('base64'));
    await chmod(file, 0o644);
    await load({ encryptionKeyFile: file });
    expect(warnings).toEqual([expect.stringContaining(`chmod 600 ${file}`)]);
    await chmod(file, 0o640);
    await load({ encryptionKeyFile: file });
    expect(warnings).toHaveLength(1);
  });

  it('makes a development key, for its owner only, and warns each time', async () => {
    const path = join(dataFolder, 'encryption.key');
    const { key: first, made } = await load({ mayMakeKey: true });
    expect(made?.file).toBe(path);
    expect(await readdir(dataFolder)).toEqual([]);
    await made?.keep();
    expect(await load({ mayMakeKey: true })).toEqual({ key: first });
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(Buffer.from(await readFile(path, 'utf8'), 'base64')).toEqual(first);
    expect(warnings).toHaveLength(2);
  });

  it('never keeps a key over one that another process made at the same time', async () => {
    const keys = await Promise.all(Array.from({ length: 8 }, () => load({ mayMakeKey: true })));
    const kept = await Promise.allSettled(keys.map(async ({ made }) => made?.keep()));
    const winners = kept.flatMap(({ status }, index) => (status === 'fulfilled' ? [keys[index]?.key] : []));
    expect(winners).toEqual([(await load({ mayMakeKey: true })).key]);
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
