import { join } from 'node:path';
import pg from 'pg';
import type { Target } from './target.js';

/** Runs SQL on the database of a service that has ended: behind its back, as a broken disk or a curious operator does. */
export async function runSql({ databaseUrl, server }: Target, statement: string): Promise<void> {
  if (databaseUrl !== undefined) {
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    await client.query(statement).finally(async () => client.end());
    return;
  }
  const { PGlite } = await import('@electric-sql/pglite');
  const database = await PGlite.create(join(server.dataFolder, 'database'));
  await database.exec(statement).finally(async () => database.close());
}
