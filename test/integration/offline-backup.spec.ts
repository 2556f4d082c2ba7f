import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PGlite } from '@electric-sql/pglite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { backUpOffline } from '../../src/service/operations/backup/offline.js';
import { testEncryptionKey } from '../support/encryption-key.js';
import { readConfiguration } from '../../src/service/platform/configuration/configuration.js';

let dataFolder: string;

beforeEach(async () => {
  dataFolder = await mkdtemp(join(tmpdir(), 'symface-offline-'));
});

afterEach(async () => {
  await rm(dataFolder, { recursive: true });
});

async function backUp(): Promise<void> {
  const configuration = readConfiguration({
    SYMFACE_DATA_DIR: dataFolder,
    SYMFACE_ENCRYPTION_KEY: testEncryptionKey,
  });
  const { signal } = new AbortController();
  for await (const part of backUpOffline(configuration, () => undefined, signal)) expect(part).toBeDefined();
}

it('says in words that there is no database', async () => {
  await expect(backUp()).rejects.toThrow(/There is no embedded database/u);
});

it('says in words that a database has nothing of SymFace, as a restore leaves it that was ended at its very beginning', async () => {
  await (await PGlite.create(join(dataFolder, 'database'))).close();
  await expect(backUp()).rejects.toThrow(/has no tables of SymFace: there is nothing to back up/u);
});
