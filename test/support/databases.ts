import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { oneKey, SecretBox } from '../../src/storage/encryption/secret-box.js';
import type { Database } from '../../src/service/platform/database/database.js';
import { type DatabaseSettings, openDatabase } from '../../src/service/platform/database/open-database.js';
import { tables } from '../../src/service/tables.js';
import { copyDatabaseTemplate } from './database-template.js';
import { NO_POSTGRES_REASON, postgresPrograms } from './postgres-server.js';
import { newPostgresDatabase } from './shared-servers.js';

/** The database of one suite: opened, with its schema. */
export interface TestDatabase {
  readonly settings: DatabaseSettings;
  readonly box: SecretBox;
  database: Database;
}

const testKey = new Uint8Array(32).fill(7);
export const testBox = new SecretBox(oneKey(testKey));
/** As a service's setting. */
export const testEncryptionKey = Buffer.from(testKey).toString('base64');

/**
 * Runs the suite on the embedded database and on PostgreSQL; the latter is skipped, with its reason, where none is.
 * @param openBare opens a database without a schema, where the suite is about that
 */
export function describeOnEveryDatabase(
  name: string,
  suite: (test: TestDatabase) => void,
  openBare?: (settings: DatabaseSettings) => Promise<Database>,
): void {
  const open = openBare ?? (async (settings: DatabaseSettings) => openDatabase(settings, testBox, tables));
  describe(`${name} on PGlite`, () => {
    const test = { settings: { databaseUrl: undefined, dataFolder: '' }, box: testBox } as TestDatabase & {
      settings: DatabaseSettings;
    };
    beforeAll(async () => {
      const dataFolder = await mkdtemp(join(tmpdir(), 'symface-database-'));
      if (openBare === undefined) await copyDatabaseTemplate(dataFolder);
      test.settings = { databaseUrl: undefined, dataFolder };
      test.database = await open(test.settings);
    });
    afterAll(async () => {
      await test.database.close();
      await rm(test.settings.dataFolder, { recursive: true });
    });
    suite(test);
  });

  const programs = postgresPrograms();
  if (programs === undefined) console.warn(`Skipping ${name} on PostgreSQL: ${NO_POSTGRES_REASON}.`);
  describe.skipIf(programs === undefined)(`${name} on PostgreSQL`, () => {
    const test = { settings: { databaseUrl: '', dataFolder: '' }, box: testBox } as TestDatabase & {
      settings: DatabaseSettings;
    };
    beforeAll(async () => {
      test.settings = { databaseUrl: await newPostgresDatabase(programs ?? ''), dataFolder: '' };
      test.database = await open(test.settings);
    });
    afterAll(async () => {
      await test.database.close();
    });
    suite(test);
  });
}
