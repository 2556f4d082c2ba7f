import { type DataSource, MigrationExecutor } from 'typeorm';
import { idleInTransactionMs } from './database.js';
import { ConfigurationError } from '../configuration/configuration.js';

/** Replicas that start at once wait for each other here: the first one makes the schema. */
const migrationLock = 0x53_79_6d_4d;

/** The schema of a database is not one that this build can use or bring up to date. */
export class SchemaMismatchError extends ConfigurationError {}

/**
 * Brings the schema up to date: all migrations that are left, or none.
 * @param description where the data are, for people
 * @returns names of the migrations that were left
 * @throws SchemaMismatchError of a database that another build has made; nothing is changed in it
 */
export async function migrate(dataSource: DataSource, description: string): Promise<readonly string[]> {
  const runner = dataSource.createQueryRunner();
  const executor = new MigrationExecutor(dataSource, runner);
  executor.transaction = 'all';
  try {
    // The executor goes on in this transaction. A lock of the session would not do: PgBouncer gives each transaction another.
    await runner.startTransaction();
    await runner.query(`SET LOCAL idle_in_transaction_session_timeout = ${idleInTransactionMs}`);
    await runner.query('SELECT pg_advisory_xact_lock($1)', [migrationLock]);
    await requireKnownMigrations(dataSource, executor, description);
    const migrations = await executor.executePendingMigrations();
    await runner.commitTransaction();
    return migrations.map(({ name }) => name);
  } catch (error) {
    if (runner.isTransactionActive) await runner.rollbackTransaction();
    throw error;
  } finally {
    await runner.release();
  }
}

/**
 * Makes the schema that these migrations make, of a database that has none: what an older version has left is restored into
 * the schema that it had.
 * @param names of migrations that this build knows
 */
export async function migrateBy(dataSource: DataSource, names: ReadonlySet<string>): Promise<void> {
  const runner = dataSource.createQueryRunner();
  const executor = new MigrationExecutor(dataSource, runner);
  await runner.query('SELECT pg_advisory_lock($1)', [migrationLock]);
  try {
    await runner.startTransaction();
    for (const migration of await executor.getPendingMigrations())
      if (names.has(migration.name)) await executor.executeMigration(migration);
    await runner.commitTransaction();
  } catch (error) {
    if (runner.isTransactionActive) await runner.rollbackTransaction();
    throw error;
  } finally {
    await runner.query('SELECT pg_advisory_unlock($1)', [migrationLock]);
    await runner.release();
  }
}

/** @throws SchemaMismatchError of a database that another build has made */
export async function requireUsableSchema(dataSource: DataSource, description: string): Promise<void> {
  await requireKnownMigrations(dataSource, new MigrationExecutor(dataSource), description);
}

async function requireKnownMigrations(
  { migrations }: DataSource,
  executor: MigrationExecutor,
  description: string,
): Promise<void> {
  const known = new Set(migrations.map(({ name }) => name));
  const unknown = (await executor.getExecutedMigrations()).filter(({ name }) => !known.has(name));
  if (unknown.length === 0) return;
  // A name ends with when it was written, in ms since 1970, and so does its record.
  const first = Math.min(...migrations.map(({ name }) => Number(name?.slice(-13))));
  const isNewer = unknown.every(({ timestamp }) => timestamp > first);
  throw new SchemaMismatchError(isNewer ? ofNewerBuild(description) : ofFormerBuild(description));
}

function ofNewerBuild(description: string): string {
  return (
    `The database (${description}) has a schema of a newer SymFace than this one. Nothing was changed. ` +
    'Start that version, or another database; how to go back to this one: docs/upgrading.md, "Going back".'
  );
}

function ofFormerBuild(description: string): string {
  return (
    `The database (${description}) is of a development build of SymFace from before its first schema, which this ` +
    'version does not read. Nothing was changed. Set SYMFACE_DATA_DIR to a new folder (and DATABASE_URL, where it is ' +
    'set, to an empty database), copy the folder models/ of the old one into it, and enrol the faces again from their ' +
    'photographs ("symface enroll"). docs/upgrading.md has the steps, and how that build lists what it has enrolled.'
  );
}
