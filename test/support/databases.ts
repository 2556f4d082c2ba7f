import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe } from 'vitest';
import { MasterKey } from '../../src/storage/encryption/master-key.js';
import { DataKeys } from '../../src/service/platform/encryption/data-keys.js';
import type { Database } from '../../src/service/platform/database/database.js';
import { type DatabaseSettings, openDatabase } from '../../src/service/platform/database/open-database.js';
import { tables } from '../../src/service/tables.js';
import { copyDatabaseTemplate } from './database-template.js';
import { testKeyBytes } from './encryption-key.js';
import { NO_POSTGRES_REASON, postgresPrograms } from './postgres-server.js';
import { newPostgresDatabase } from './shared-servers.js';

/** The database of one suite: opened, with its schema. */
export interface TestDatabase {
  readonly settings: DatabaseSettings;
  database: Database;
  /** Undefined where the suite opens its database bare. */
  keys: DataKeys;
  /** Opens it once more, after it was closed. */
  reopen(): Promise<void>;
}

/** What opens databases of tests. */
export const testMasters = { configured: new MasterKey(testKeyBytes), previous: undefined };

/** A database with the schema, and its keys. */
export async function openTestDatabase(
  settings: DatabaseSettings,
): Promise<Pick<TestDatabase, 'database' | 'keys'>> {
  const database = await openDatabase(settings, tables);
  return { database, keys: await DataKeys.open(database, testMasters) };
}

/**
 * Runs the suite on the embedded database and on PostgreSQL; the latter is skipped, with its reason, where none is.
 * @param openBare opens a database without a schema, where the suite is about that
 */
export function describeOnEveryDatabase(
  name: string,
  suite: (test: TestDatabase) => void,
  openBare?: (settings: DatabaseSettings) => Promise<Database>,
): void {
  type Settable = TestDatabase & { settings: DatabaseSettings };
  const unopened = (settings: DatabaseSettings): Settable => {
    const test = {
      settings,
      reopen: async () => {
        if (openBare === undefined) Object.assign(test, await openTestDatabase(test.settings));
        else test.database = await openBare(test.settings);
      },
    } as Settable;
    return test;
  };
  describe(`${name} on PGlite`, () => {
    const test = unopened({ databaseUrl: undefined, dataFolder: '' });
    beforeAll(async () => {
      const dataFolder = await mkdtemp(join(tmpdir(), 'symface-database-'));
      if (openBare === undefined) await copyDatabaseTemplate(dataFolder);
      test.settings = { databaseUrl: undefined, dataFolder };
      await test.reopen();
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
    const test = unopened({ databaseUrl: '', dataFolder: '' });
    beforeAll(async () => {
      test.settings = { databaseUrl: await newPostgresDatabase(programs ?? ''), dataFolder: '' };
      await test.reopen();
    });
    afterAll(async () => {
      await test.database.close();
    });
    suite(test);
  });
}
