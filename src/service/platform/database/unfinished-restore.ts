import { ConfigurationError } from '../configuration/configuration-error.js';
import type { Database, Sql } from './database.js';

/** The table that is there while a backup is restored: a service that started on half of it would lose the other half. */
const markTable = 'unfinished_restore';

/** @throws ConfigurationError where a restore into the database was begun and has not ended */
export async function requireRestored(database: Database): Promise<void> {
  const [mark] = await database.rows<{ readonly isThere: boolean }>(
    `SELECT to_regclass('${markTable}') IS NOT NULL AS "isThere"`,
  );
  if (mark?.isThere !== true) return;
  const remove =
    database.folder === undefined
      ? 'Drop the database and make an empty one'
      : `Remove the folder ${database.folder}`;
  throw new ConfigurationError(
    `The database (${database.description}) is half restored: "symface restore" did not come to its end there, or is at it. ` +
      `${remove}, then type "symface restore FILE" again.`,
  );
}

/** Notes that the database is not whole until {@link endRestore}. */
export async function beginRestore(sql: Sql): Promise<void> {
  await sql.rows(`CREATE TABLE ${markTable} (begin_time timestamptz NOT NULL DEFAULT now())`);
}

export async function endRestore(sql: Sql): Promise<void> {
  await sql.rows(`DROP TABLE ${markTable}`);
}
