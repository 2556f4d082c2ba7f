import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, rename, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const migrationsFolder = fileURLToPath(new URL('../../dist/migrations/', import.meta.url));

/**
 * Puts an embedded database with the schema and no rows into a data folder. Making one takes six seconds of a processor,
 * which every service that a test starts would spend again; that a service makes its own is tested where databases are.
 */
export async function copyDatabaseTemplate(dataFolder: string): Promise<void> {
  const template = join(tmpdir(), `symface-database-template-${digest()}`);
  if (!existsSync(template)) await makeTemplate(template);
  await cp(join(template, 'database'), join(dataFolder, 'database'), { recursive: true });
}

/** Several test processes may do it at once: the first one's is used. */
async function makeTemplate(template: string): Promise<void> {
  const { connectDatabase } = await import('../../src/service/platform/database/open-database.js');
  const { tables } = await import('../../src/service/tables.js');
  const folder = await mkdtemp(join(tmpdir(), 'symface-database-template-'));
  const { dataSource, closeStorage } = await connectDatabase(
    { databaseUrl: undefined, dataFolder: folder },
    tables,
  );
  await dataSource.runMigrations({ transaction: 'all' });
  await dataSource.destroy();
  await closeStorage();
  await rename(folder, template).catch(async () => rm(folder, { recursive: true, force: true }));
}

/** Of all that decides what is in it. */
function digest(): string {
  const hash = createHash('sha256');
  for (const name of readdirSync(migrationsFolder)
    .filter((file) => file.endsWith('.js'))
    .sort()) {
    hash.update(name).update(readFileSync(join(migrationsFolder, name)));
  }
  const engine = createRequire(import.meta.url).resolve('@electric-sql/pglite');
  return hash.update(readFileSync(engine)).digest('hex').slice(0, 16);
}
