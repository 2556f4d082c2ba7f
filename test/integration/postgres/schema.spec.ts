import type { DataSource } from 'typeorm';
import { afterEach, expect, it } from 'vitest';
import { Database } from '../../../src/service/platform/database/database.js';
import { migrate, SchemaMismatchError } from '../../../src/service/platform/database/migrate.js';
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

/**
 * What the system's catalogue says of columns, constraints and indices; that a constraint was not looked at when it was made tells
 * nothing of the rows since.
 */
const catalogue = [
  `SELECT table_name, column_name, data_type, datetime_precision, is_nullable, column_default
   FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> 'migrations' ORDER BY 1, 2`,
  `SELECT conrelid::regclass::text AS table, conname, replace(pg_get_constraintdef(oid), ' NOT VALID', '') AS definition FROM pg_constraint
   WHERE connamespace = 'public'::regnamespace AND conrelid <> 'migrations'::regclass ORDER BY 1, 2`,
  `SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename <> 'migrations' ORDER BY 1, 2`,
];

describeOnEveryDatabase(
  'the schema',
  (test) => {
    const tableNames = async (): Promise<string[]> => {
      const rows = await test.database.rows<{ name: string }>(
        "SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' ORDER BY 1",
      );
      return rows.map(({ name }) => name);
    };
    const definitions = async (
      query = async (statement: string) => test.database.rows<object>(statement),
    ): Promise<readonly string[]> => {
      const rows: object[] = [];
      for (const statement of catalogue) rows.push(...(await query(statement)));
      // PostgreSQL gives a number's default as it was written: 0 or '0'::bigint.
      return rows.map((row) => JSON.stringify(row).replace(/'(\d+)'::\w+/u, '$1'));
    };
    const run = async () => migrate(dataSource, 'a test');
    const record = async (name: string): Promise<unknown> =>
      test.database.rows('INSERT INTO migrations (timestamp, name) VALUES ($1, $2)', [name.slice(-13), name]);

    afterEach(async () => {
      await test.database.rows('DROP SCHEMA public CASCADE');
      await test.database.rows('CREATE SCHEMA public');
    });

    it('goes up, down without leaving anything, and up again', async () => {
      await run();
      const names = await tableNames();
      expect(names).toContain('templates');
      for (let left = dataSource.migrations.length; left > 0; left--) {
        await dataSource.undoLastMigration({ transaction: 'all' });
      }
      expect(await tableNames()).toEqual(['migrations']);
      await run();
      expect(await tableNames()).toEqual(names);
      expect(await run()).toEqual([]);
    });

    it("is what the tables' descriptions say: nothing would be changed", async () => {
      await run();
      const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
      expect(upQueries.map(({ query }) => query)).toEqual([]);
      expect(await dataSource.showMigrations()).toBe(false);
    });

    it('has every column, constraint and index that the descriptions make, and no other', async () => {
      await run();
      const migrated = await definitions();
      for (const change of [
        'ALTER TABLE shadows ALTER share DROP NOT NULL',
        'ALTER TABLE faces ALTER rho TYPE real',
        'ALTER TABLE jobs ALTER attempt SET DEFAULT 1',
        'ALTER TABLE templates DROP CONSTRAINT fk_templates_face_id',
        'DROP INDEX ix_jobs_create_time_id; CREATE INDEX ix_jobs_create_time_id ON jobs (id, create_time)',
        'CREATE TABLE another (id text)',
      ]) {
        const runner = dataSource.createQueryRunner();
        await runner.startTransaction();
        for (const statement of change.split('; ')) await runner.query(statement);
        const changed = await definitions((statement) => runner.query(statement) as Promise<object[]>);
        await runner.rollbackTransaction();
        await runner.release();
        expect(changed, change).not.toEqual(migrated);
      }
      await dataSource.undoLastMigration({ transaction: 'all' });
      await dataSource.synchronize();
      expect(await definitions()).toEqual(migrated);
    });

    it('is made once where several replicas start at the same time', async () => {
      const ran = await Promise.all([run(), run(), run()]);
      expect(ran.flat()).toEqual(dataSource.migrations.map(({ name }) => name));
    });

    it('is refused, and left as it is, where a former build has made it', async () => {
      await test.database.rows('CREATE TABLE collections (uid bigint)');
      await test.database.rows(
        'CREATE TABLE migrations (id serial PRIMARY KEY, timestamp bigint NOT NULL, name varchar NOT NULL)',
      );
      await record('Enrolment1795500000000');
      await record('DeletedModels1796400000000');
      await expect(run()).rejects.toThrow(SchemaMismatchError);
      await expect(run()).rejects.toThrow(/development build .* Nothing was changed\. .*"symface enroll"/u);
      expect(await tableNames()).toEqual(['collections', 'migrations']);
      expect(await test.database.rows('SELECT name FROM migrations')).toHaveLength(2);
    });

    it('is refused where a newer build has changed it', async () => {
      await run();
      await record('FromTheFuture1999900000000');
      await expect(run()).rejects.toThrow(SchemaMismatchError);
      await expect(run()).rejects.toThrow(/schema of a newer SymFace/u);
    });
  },
  openBare,
);
