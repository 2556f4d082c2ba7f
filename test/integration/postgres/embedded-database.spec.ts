import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdtemp, rename, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readConfiguration } from '../../../src/service/platform/configuration/configuration.js';
import { openDatabase } from '../../../src/service/platform/database/open-database.js';
import { openStorage } from '../../../src/service/platform/open-storage.js';
import { tables } from '../../../src/service/tables.js';
import { isFullSuite } from '../../support/full-suite.js';
import { copyDatabaseTemplate } from '../../support/database-template.js';

const writer = fileURLToPath(new URL('../../support/audit-writer.mjs', import.meta.url));
const kills = isFullSuite ? 3 : 2;

describe('the embedded database', () => {
  let dataFolder: string;

  beforeEach(async () => {
    dataFolder = await mkdtemp(join(tmpdir(), 'symface-embedded-'));
  });

  afterEach(() => rm(dataFolder, { recursive: true }));

  const open = async () => openDatabase({ databaseUrl: undefined, dataFolder }, tables);

  it('is for one process at a time, and free again when that one ends', async () => {
    const first = await open();
    await expect(open()).rejects.toThrow(/Another SymFace process uses the database/u);
    await first.close();
    await (await open()).close();
  });

  it('is for one process at a time under a name that is too long for a socket, too', async () => {
    const long = join(dataFolder, 'a'.repeat(120));
    await copyDatabaseTemplate(long);
    const openLong = async () => openDatabase({ databaseUrl: undefined, dataFolder: long }, tables);
    const first = await openLong();
    const before = process.env['TMPDIR'];
    process.env['TMPDIR'] = dataFolder;
    try {
      await expect(openLong()).rejects.toThrow(/Another SymFace process uses the database/u);
    } finally {
      if (before === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = before;
    }
    await first.close();
    await (await openLong()).close();
  });

  it('takes no changes once its folder was taken away or replaced, and goes on where it is put back', async () => {
    await copyDatabaseTemplate(dataFolder);
    const database = await open();
    const [folder, away] = [join(dataFolder, 'database'), join(dataFolder, 'away')];
    const causes: string[] = [];
    database.watch((cause) => causes.push(cause));
    const change = async () => database.rows(`COMMENT ON TABLE jobs IS 'changed'`);
    const refusal = { reason: 'DATABASE_UNAVAILABLE', metadata: { cause: 'folder-gone' } };
    await rename(folder, away);
    await expect(change()).rejects.toMatchObject(refusal);
    await expect(database.transaction(async (sql) => sql.rows('SELECT 1'))).rejects.toMatchObject(refusal);
    expect([await database.takesChanges(), await database.hindrance()]).toEqual([false, 'folder-gone']);
    await cp(away, folder, { recursive: true });
    await expect(change()).rejects.toMatchObject(refusal);
    await rm(folder, { recursive: true });
    await rename(away, folder);
    await change();
    expect([await database.takesChanges(), new Set(causes)]).toEqual([true, new Set(['folder-gone'])]);
    await database.close();
  });

  it('is not replaced by an empty one where it was lost', async () => {
    await copyDatabaseTemplate(dataFolder);
    await (await open()).close();
    await rm(join(dataFolder, 'database'), { recursive: true });
    await expect(open()).rejects.toThrow(
      /is gone: .*Restore it from a backup .*; or, .* remove database\.made/u,
    );
    expect(existsSync(join(dataFolder, 'database'))).toBe(false);
    await writeFile(join(dataFolder, 'encryption.key'), 'a key');
    await rm(join(dataFolder, 'database.made'));
    await expect(open()).rejects.toThrow(/remove encryption\.key/u);
  });

  it('says that a file of it was lost, or is damaged', async () => {
    await copyDatabaseTemplate(dataFolder);
    const control = join(dataFolder, 'database/global/pg_control');
    await truncate(control, 10);
    await expect(open()).rejects.toThrow(/is damaged: .*restore it from a backup/u);
    await rm(control);
    await expect(open()).rejects.toThrow(
      /is damaged: global\/pg_control is missing.*restore it from a backup/u,
    );
  });

  it('makes no key in the place of one that was lost', async () => {
    await copyDatabaseTemplate(dataFolder);
    const path = join(dataFolder, 'encryption.key');
    const configuration = readConfiguration({ SYMFACE_DATA_DIR: dataFolder });
    const openAll = async () => openStorage(configuration, { warn: () => undefined }, tables);
    await (await openAll()).database.close();
    expect(existsSync(path)).toBe(true);
    await rm(path);
    await expect(openAll()).rejects.toThrow(
      /encrypted with another key.* Its key file .* is missing: restore/u,
    );
    expect(existsSync(path)).toBe(false);
  });

  it.skipIf(process.getuid?.() === 0)('says that its folder cannot be written', async () => {
    await chmod(dataFolder, 0o500);
    await expect(open()).rejects.toThrow(/data folder .* cannot be written \(EACCES\)/u);
    await chmod(dataFolder, 0o700);
  });

  it('says so of a folder that is a file, too', async () => {
    const file = join(dataFolder, 'file');
    await writeFile(file, '');
    await expect(openDatabase({ databaseUrl: undefined, dataFolder: file }, tables)).rejects.toThrow(
      /cannot be written \(EEXIST\)/u,
    );
  });

  it('has everything that was acknowledged after its process was killed', async () => {
    await copyDatabaseTemplate(dataFolder);
    for (let kill = 0; kill < kills; kill++) {
      const child = spawn(process.execPath, [writer, dataFolder], { stdio: ['ignore', 'pipe', 'inherit'] });
      let acknowledged = '';
      child.stdout.setEncoding('utf8').on('data', (text: string) => {
        acknowledged += text;
      });
      while (acknowledged.split('\n').length < 20 + kill * 7) await once(child.stdout, 'data');
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
      const database = await open();
      const rows = await database.rows<{ target: string }>('SELECT target FROM audit_events');
      await database.close();
      const targets = new Set(rows.map(({ target }) => target));
      const lines = acknowledged.split('\n').slice(0, -1);
      expect(lines.length).toBeGreaterThan(10);
      expect(lines.filter((line) => !targets.has(line))).toEqual([]);
    }
  });

  it('says what is wrong with a folder that cannot be used', async () => {
    await expect(
      openDatabase({ databaseUrl: 'postgres://nobody@127.0.0.1:1/none', dataFolder }, tables),
    ).rejects.toThrow(/Cannot connect to the database at 127\.0\.0\.1:1\/none \(DATABASE_URL\)/u);
    await expect(openDatabase({ databaseUrl: 'no url', dataFolder }, tables)).rejects.toThrow(/not a URL/u);
  });
});
