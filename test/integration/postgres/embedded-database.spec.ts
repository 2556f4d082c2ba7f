import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../../src/service/platform/database/open-database.js';
import { tables } from '../../../src/service/tables.js';
import { isFullSuite } from '../../support/full-suite.js';
import { copyDatabaseTemplate } from '../../support/database-template.js';
import { testBox } from '../../support/databases.js';

const writer = fileURLToPath(new URL('../../support/audit-writer.mjs', import.meta.url));
const kills = isFullSuite ? 3 : 2;

describe('the embedded database', () => {
  let dataFolder: string;

  beforeEach(async () => {
    dataFolder = await mkdtemp(join(tmpdir(), 'symface-embedded-'));
  });

  afterEach(() => rm(dataFolder, { recursive: true }));

  const open = async () => openDatabase({ databaseUrl: undefined, dataFolder }, testBox, tables);

  it('is for one process at a time, and free again when that one ends', async () => {
    const first = await open();
    await expect(open()).rejects.toThrow(/Another SymFace process uses the database/u);
    await first.close();
    await (await open()).close();
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
      openDatabase({ databaseUrl: 'postgres://nobody@127.0.0.1:1/none', dataFolder }, testBox, tables),
    ).rejects.toThrow(/Cannot connect to the database at 127\.0\.0\.1:1\/none \(DATABASE_URL\)/u);
    await expect(openDatabase({ databaseUrl: 'no url', dataFolder }, testBox, tables)).rejects.toThrow(
      /not a URL/u,
    );
  });
});
