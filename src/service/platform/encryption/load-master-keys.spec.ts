import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConfigurationError } from '../configuration/configuration-error.js';
import type { KeySource } from '../configuration/encryption-settings.js';
import { readKeyCommand } from './key-command.js';
import { loadMasterKeys } from './load-master-keys.js';

const key = Buffer.alloc(32, 5);

describe('loadMasterKeys', () => {
  let dataFolder: string;
  let warnings: string[];

  beforeEach(async () => {
    dataFolder = await mkdtemp(join(tmpdir(), 'symface-key-'));
    warnings = [];
  });

  afterEach(() => rm(dataFolder, { recursive: true }));

  const nothing: KeySource = { key: undefined, file: undefined, command: undefined };
  const load = async (
    configured: Partial<KeySource>,
    { previous = {}, mayMakeKey = false }: { previous?: Partial<KeySource>; mayMakeKey?: boolean } = {},
  ) =>
    loadMasterKeys(
      {
        configured: { ...nothing, ...configured },
        previous: { ...nothing, ...previous },
        dataFolder,
        mayMakeKey,
      },
      (message) => warnings.push(message),
    );
  const keyOf = async (...settings: Parameters<typeof load>) =>
    (await load(...settings)).masters.configured.key;
  const printing = (text: string, exitCode = 0): readonly string[] => [
    process.execPath,
    '-e',
    `process.stdout.write(${JSON.stringify(text)}, () => process.exit(${exitCode}))`,
  ];

  it('takes the key from the setting, else from its file, else from a program, without a warning', async () => {
    const file = join(dataFolder, 'key');
    const text = key.toString('base64');
    await writeFile(file, `${text}\n`, { mode: 0o600 });
    expect(await keyOf({ key: text, file: 'none' })).toEqual(key);
    expect(await keyOf({ file, command: ['none'] })).toEqual(key);
    expect(await keyOf({ command: printing(`${text}\n`) })).toEqual(key);
    expect(warnings).toEqual([]);
  });

  it('takes the key of before, too, and needs none', async () => {
    const configured = { key: key.toString('base64') };
    const before = Buffer.alloc(32, 6);
    const { masters } = await load(configured, { previous: { key: before.toString('base64') } });
    expect(masters.previous?.key).toEqual(before);
    expect((await load(configured)).masters.previous).toBeUndefined();
    await expect(load(configured, { previous: { file: '/no/such/file' } })).rejects.toThrow(
      /SYMFACE_ENCRYPTION_PREVIOUS_KEY_FILE: there is no file/u,
    );
  });

  it.each([
    { name: 'fails', command: printing('secret', 3), says: /ended with 3/u },
    { name: 'is not there', command: ['/no/such/program'], says: /cannot be started \(ENOENT\)/u },
    { name: 'prints no key', command: printing('secret'), says: /32 bytes in base64/u },
    { name: 'prints too much', command: printing('secret'.repeat(1000)), says: /more than a key/u },
  ])('refuses a program that $name, without what it printed', async ({ command, says }) => {
    const error: unknown = await load({ command }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ConfigurationError);
    expect(String(error)).toMatch(says);
    expect(String(error)).not.toContain('secret');
  });

  it('waits for a program so long and no longer', async () => {
    const forEver = [process.execPath, '-e', 'setInterval(() => 0, 1000)'];
    await expect(readKeyCommand(forEver, 'SETTING', 200)).rejects.toThrow(
      /SETTING: .* was ended \(SIGKILL\)/u,
    );
  });

  it('remarks on a key file that every user can read', async () => {
    const file = join(dataFolder, 'key');
    await writeFile(file, key.toString('base64'));
    await chmod(file, 0o644);
    await load({ file });
    expect(warnings).toEqual([expect.stringContaining(`chmod 600 ${file}`)]);
    await chmod(file, 0o640);
    await load({ file });
    expect(warnings).toHaveLength(1);
  });

  it('makes a development key, for its owner only, and warns each time', async () => {
    const path = join(dataFolder, 'encryption.key');
    const { masters, made } = await load({}, { mayMakeKey: true });
    const first = masters.configured.key;
    expect(made?.file).toBe(path);
    expect(await readdir(dataFolder)).toEqual([]);
    await made?.keep();
    expect(await keyOf({}, { mayMakeKey: true })).toEqual(first);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(Buffer.from(await readFile(path, 'utf8'), 'base64')).toEqual(first);
    expect(warnings).toHaveLength(2);
  });

  it('never keeps a key over one that another process made at the same time', async () => {
    const keys = await Promise.all(Array.from({ length: 8 }, () => load({}, { mayMakeKey: true })));
    const kept = await Promise.allSettled(keys.map(async ({ made }) => made?.keep()));
    const winners = kept.flatMap(({ status }, index) =>
      status === 'fulfilled' ? [keys[index]?.masters.configured.key] : [],
    );
    expect(winners).toEqual([await keyOf({}, { mayMakeKey: true })]);
  });

  it.each([
    { name: 'no key', settings: {}, says: /Set SYMFACE_ENCRYPTION_KEY_FILE/u },
    { name: 'a short key', settings: { key: 'c2hvcnQ=' }, says: /32 bytes in base64/u },
    { name: 'a key in hex', settings: { key: 'ab'.repeat(32) }, says: /32 bytes in base64/u },
    { name: 'no such file', settings: { file: '/no/such/file' }, says: /there is no file/u },
    { name: 'a folder', settings: { file: tmpdir() }, says: /EISDIR/u },
  ])('refuses $name, saying what is needed', async ({ settings, says }) => {
    await expect(load(settings)).rejects.toThrow(says);
  });
});
