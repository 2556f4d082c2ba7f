import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { createPgConfig } from '@electric-sql/pglite/node-postgres';
import { vector } from '@electric-sql/pglite-pgvector';
import { DataSource, type DataSourceOptions, type EntitySchema } from 'typeorm';
import { ConfigurationError } from '../configuration/configuration.js';
import { Database } from './database.js';
import { withoutValues } from './database-error.js';
import { migrate, requireUsableSchema } from './migrate.js';
import { requireRestored } from './unfinished-restore.js';
import {
  damagedFolder,
  markEmbeddedFolder,
  prepareEmbeddedFolder,
  requireEmbedded,
  requireWritable,
} from './embedded-files.js';
import { lockFolder } from './folder-lock.js';
import { describePostgresUrl, postgresHint } from './postgres-url.js';

export interface DatabaseSettings {
  /** A Postgres to connect to; the embedded one where undefined. */
  readonly databaseUrl: string | undefined;
  readonly dataFolder: string;
  /** Connections to a Postgres at most; 10 where undefined. */
  readonly databasePoolSize?: number;
  /** Whether an embedded database may be made in the place of one that was lost: it is restored. */
  readonly mayReplaceLost?: boolean;
}

/** The tables of the service: src/service/tables.ts. */
export type Tables = readonly EntitySchema[];

/** Compiled from migrations/ by `npm run build`; `src/` and `dist/` lie at the same depth. */
const migrationFiles = fileURLToPath(new URL('../../../../dist/migrations/*.js', import.meta.url));
const connectTimeoutMs = 10_000;
const defaultPoolSize = 10;

/**
 * Opens the database and brings its schema up to date.
 * @throws ConfigurationError where it cannot be reached, is in use, or is of another build (SchemaMismatchError)
 */
export async function openDatabase(settings: DatabaseSettings, tables: Tables): Promise<Database> {
  const { dataSource, description, closeStorage, folder } = await connectDatabase(settings, tables);
  const database = new Database(dataSource, description, closeStorage, folder);
  try {
    await requireRestored(database);
    await migrate(dataSource, description);
    return database;
  } catch (error) {
    await database.close();
    throw startFailure(error, description);
  }
}

/**
 * Opens the database as it is, without bringing its schema up to date: to back up what an older version has left.
 * @throws ConfigurationError as {@link openDatabase} does, and where there is none
 */
export async function openDatabaseAsItIs(settings: DatabaseSettings, tables: Tables): Promise<Database> {
  if (settings.databaseUrl === undefined) await requireEmbedded(settings.dataFolder);
  const { dataSource, description, closeStorage, folder } = await connectDatabase(settings, tables);
  const database = new Database(dataSource, description, closeStorage, folder);
  try {
    await requireRestored(database);
    await requireUsableSchema(dataSource, description);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

export interface Connection {
  readonly dataSource: DataSource;
  readonly description: string;
  readonly closeStorage: () => Promise<void>;
  /** The folder of the embedded one. */
  readonly folder?: string;
}

/**
 * The connection alone, for the migration commands.
 * @throws ConfigurationError
 * @public scripts/migration.mjs
 */
export async function connectDatabase(settings: DatabaseSettings, tables: Tables): Promise<Connection> {
  const { databaseUrl } = settings;
  return databaseUrl === undefined
    ? openEmbedded(settings, tables)
    : connectTo(databaseUrl, settings.databasePoolSize ?? defaultPoolSize, tables);
}

async function connectTo(url: string, poolSize: number, tables: Tables): Promise<Connection> {
  const place = describePostgresUrl(url);
  const options = { url, connectTimeoutMS: connectTimeoutMs, poolSize };
  try {
    const dataSource = await initialise(options, tables);
    await requireUnicode(dataSource, place);
    return { dataSource, description: `PostgreSQL at ${place}`, closeStorage: () => Promise.resolve() };
  } catch (cause) {
    if (cause instanceof ConfigurationError) throw cause;
    // The message may hold the password's user, never the password; the URL is not repeated.
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigurationError(
      `Cannot connect to the database at ${place} (DATABASE_URL): ${message}.${postgresHint(cause)}`,
      { cause },
    );
  }
}

/** Names of people are in any script, and other encodings would refuse, or change, some of them. */
async function requireUnicode(dataSource: DataSource, place: string): Promise<void> {
  const [row] = await dataSource.query<{ readonly encoding: string }[]>(
    `SELECT current_setting('server_encoding') AS encoding`,
  );
  if (row?.encoding === 'UTF8') return;
  await dataSource.destroy();
  throw new ConfigurationError(
    `The database at ${place} (DATABASE_URL) keeps text as ${row?.encoding ?? 'unknown'}, and names need UTF8. Make one by ` +
      `"CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0", and copy what is in this one by pg_dump and psql.`,
  );
}

async function openEmbedded(
  { dataFolder, mayReplaceLost = false }: DatabaseSettings,
  tables: Tables,
): Promise<Connection> {
  await requireWritable(dataFolder);
  // Whoever makes the database at this moment has the lock: what it has made so far looks damaged.
  const unlock = await lockFolder(dataFolder);
  const folder = await prepareEmbeddedFolder(dataFolder, mayReplaceLost).catch(async (error: unknown) => {
    await unlock();
    throw error;
  });
  try {
    const pglite = await PGlite.create({ dataDir: folder, extensions: { vector } });
    // One connection for good: PGlite has no second one, and ending the first ends the database.
    const { connection } = createPgConfig(pglite);
    const options = { poolSize: 1, extra: { connection, max: 1, idleTimeoutMillis: 0 } };
    const dataSource = await initialise(options, tables);
    await markEmbeddedFolder(dataFolder);
    const closeStorage = async (): Promise<void> => {
      if (!pglite.closed) await pglite.close();
      await unlock();
    };
    return { dataSource, description: `PGlite in ${folder}`, closeStorage, folder };
  } catch (cause) {
    await unlock();
    const message = cause instanceof Error ? cause.message : String(cause);
    // What Emscripten says where PostgreSQL would have ended with a message that nobody reads.
    if (/Aborted\(|unreachable|RuntimeError|memory access/u.test(message)) {
      throw damagedFolder(folder, 'PostgreSQL cannot start on it', cause);
    }
    const need = /allocate|out of memory/iu.test(message)
      ? 'It reserves address space that "ulimit -v" of this process, or its machine, does not give'
      : 'It must be writable, on a disk with room';
    throw new ConfigurationError(`Cannot open the embedded database in ${folder}: ${message}. ${need}.`, {
      cause,
    });
  }
}

async function initialise(
  options: Omit<Extract<DataSourceOptions, { readonly type: 'postgres' }>, 'type'>,
  tables: Tables,
): Promise<DataSource> {
  return new DataSource({
    ...options,
    type: 'postgres',
    entities: [...tables],
    migrations: [migrationFiles],
    migrationsTableName: 'migrations',
    // TypeORM would otherwise create the extension uuid-ossp, which nothing here uses.
    installExtensions: false,
    logging: false,
  }).initialize();
}

/** An error of the database is told in words, with what to do: whoever starts a service cannot do anything about a stack. */
function startFailure(error: unknown, description: string): unknown {
  if (!(error instanceof Error) || error instanceof ConfigurationError) return error;
  const known = withoutValues(error);
  if (known === error) return error;
  return new ConfigurationError(
    `Cannot prepare the database (${description}): ${known.message}.${postgresHint(error)}`,
    { cause: known },
  );
}
