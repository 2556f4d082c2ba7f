import type { DataSource } from 'typeorm';
import { expect, it } from 'vitest';
import { Database } from '../../../src/service/platform/database/database.js';
import { connectDatabase } from '../../../src/service/platform/database/open-database.js';
import { tables } from '../../../src/service/tables.js';
import { describeOnEveryDatabase } from '../../support/databases.js';

let dataSource: DataSource;

/** Without migrations: the suite runs them itself. */
async function openBare(settings: Parameters<typeof connectDatabase>[0]): Promise<Database> {
  const connection = await connectDatabase(settings, tables);
  ({ dataSource } = connection);
  return new Database(dataSource, connection.description, connection.closeStorage);
}

describeOnEveryDatabase(
  'the schema',
  (test) => {
    const tableNames = async (): Promise<string[]> => {
      const rows = await test.database.rows<{ name: string }>(
        "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1",
      );
      return rows.map(({ name }) => name);
    };

    it('goes up, down without leaving anything, and up again', async () => {
      await dataSource.runMigrations({ transaction: 'all' });
      const tables = await tableNames();
      expect(tables).toContain('templates');
      for (let left = dataSource.migrations.length; left > 0; left--) {
        await dataSource.undoLastMigration({ transaction: 'all' });
      }
      expect(await tableNames()).toEqual(['migrations']);
      await dataSource.runMigrations({ transaction: 'all' });
      expect(await tableNames()).toEqual(tables);
    });

    it('is what the entities say: nothing would be changed', async () => {
      await dataSource.runMigrations({ transaction: 'all' });
      const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
      expect(upQueries.map(({ query }) => query)).toEqual([]);
      expect(await dataSource.showMigrations()).toBe(false);
    });
  },
  openBare,
);
