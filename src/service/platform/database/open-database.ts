import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { PGlite } from '@electric-sql/pglite';
import { createPgConfig } from '@electric-sql/pglite/node-postgres';
import { vector } from '@electric-sql/pglite-pgvector';
import { DataSource, type DataSourceOptions, type EntitySchema } from 'typeorm';
import { ConfigurationError } from '../configuration/configuration.js';
import type { SecretBox } from '../../../storage/encryption/secret-box.js';
import { Database } from './database.js';
import { migrate } from './migrate.js';
import { bytes, integer, table } from './table.js';
import { lockFolder } from './folder-lock.js';

export interface DatabaseSettings {
  /** A Postgres to connect to; the embedded one where undefined. */
  readonly databaseUrl: string | undefined;
  readonly dataFolder: string;
}

/** The tables of the service: src/service/tables.ts. */
export type Tables = readonly EntitySchema[];

/** Compiled from migrations/ by `npm run build`; `src/` and `dist/` lie at the same depth. */
const migrationFiles = fileURLToPath(new URL('../../../../dist/migrations/*.js', import.meta.url));
const connectTimeoutMs = 10_000;
const poolSize = 10;
/** A known value, sealed: tells a wrong encryption key at the start. */
export const encryptionChecks = table('encryption_checks', { id: integer().primary(), sealed: bytes() });
const checkId = 1;
const checkText = Buffer.from('symface encryption check');
const checkContext = 'encryption check';

/**
 * Opens the database and brings its schema up to date.
 * @param box proves that the faces stored there can be read
 * @throws ConfigurationError where it cannot be reached, is in use, is of another build (SchemaMismatchError), or was
 *   written with another encryption key
 */
export async function openDatabase(
  settings: DatabaseSettings,
  box: SecretBox,
  tables: Tables,
): Promise<Database> {
  const { dataSource, description, closeStorage, folder } = await connectDatabase(settings, tables);
  const database = new Database(dataSource, description, closeStorage, folder);
  try {
    await migrate(dataSource, description);
    await requireSameKey(database, box);
    return database;
  } catch (error) {
    await database.close();
    throw error;
  }
}

interface Connection {
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
    ? openEmbedded(settings.dataFolder, tables)
    : connectTo(databaseUrl, tables);
}

async function connectTo(url: string, tables: Tables): Promise<Connection> {
  const host = hostOf(url);
  const options = { url, connectTimeoutMS: connectTimeoutMs, poolSize };
  try {
    const dataSource = await initialise(options, tables);
    return { dataSource, description: `PostgreSQL at ${host}`, closeStorage: () => Promise.resolve() };
  } catch (cause) {
    // The message may hold the password's user, never the password; the URL is not repeated.
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigurationError(`Cannot connect to the database at ${host} (DATABASE_URL): ${message}`, {
      cause,
    });
  }
}

function hostOf(url: string): string {
  try {
    const { host, pathname } = new URL(url);
    return `${host}${pathname}`;
  } catch (cause) {
    throw new ConfigurationError(
      'DATABASE_URL is not a URL such as postgres://user:password@host:5432/database.',
      {
        cause,
      },
    );
  }
}

async function openEmbedded(dataFolder: string, tables: Tables): Promise<Connection> {
  const folder = join(dataFolder, 'database');
  await mkdir(folder, { recursive: true });
  const unlock = await lockFolder(dataFolder);
  try {
    const pglite = await PGlite.create({ dataDir: folder, extensions: { vector } });
    // One connection for good: PGlite has no second one, and ending the first ends the database.
    const { connection } = createPgConfig(pglite);
    const options = { poolSize: 1, extra: { connection, max: 1, idleTimeoutMillis: 0 } };
    const dataSource = await initialise(options, tables);
    const closeStorage = async (): Promise<void> => {
      if (!pglite.closed) await pglite.close();
      await unlock();
    };
    return { dataSource, description: `PGlite in ${folder}`, closeStorage, folder };
  } catch (cause) {
    await unlock();
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigurationError(
      `Cannot open the embedded database in ${folder}: ${message}. It must be writable, on a disk with room.`,
      { cause },
    );
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

/** Faces cannot be read with another key than they were written with, so that is said at the start. */
async function requireSameKey(database: Database, box: SecretBox): Promise<void> {
  await database.createUnlessThere(encryptionChecks, {
    id: checkId,
    sealed: box.seal(checkText, checkContext),
  });
  const check = await database.first(encryptionChecks, { where: { id: checkId } });
  try {
    if (check !== undefined) box.open(check.sealed, checkContext);
  } catch (cause) {
    throw new ConfigurationError(
      `The faces in the database (${database.description}) were encrypted with another key. ` +
        'Set SYMFACE_ENCRYPTION_KEY_FILE or SYMFACE_ENCRYPTION_KEY to that key.',
      { cause },
    );
  }
}
