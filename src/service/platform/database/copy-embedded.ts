import { cp, mkdir, statfs, readdir, stat, writeFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { Failure } from '../../../core/failure.js';
import type { Database } from './database.js';

/** What the copy leaves free on the disk: PGlite never answers again once it is full. */
const reserveBytes = 64 << 20;
const writeAheadLog = 'pg_wal';

/**
 * Copies the embedded database while it is written to, as PostgreSQL's own base backups do (Low-level API, PostgreSQL manual
 * 26.3.3): files are copied as they come, then the write-ahead log that makes one moment of them. Statements of others go on
 * beside it.
 * @param target a folder that is not there yet; a database that is opened there has the state of the copy's end
 * @throws Failure STORAGE_FULL before anything is copied
 */
export async function copyEmbedded(
  database: Database & { readonly folder: string },
  target: string,
): Promise<void> {
  const { folder } = database;
  await requireRoom(folder);
  await database.rows(`SELECT pg_backup_start('symface', true)`);
  let label: string | undefined;
  try {
    await mkdir(target, { recursive: true });
    await cp(folder, target, { recursive: true, filter: (path) => isData(relative(folder, path)) });
  } finally {
    const [stopped] = await database.rows<{ readonly labelfile: string }>(
      'SELECT labelfile FROM pg_backup_stop(false)',
    );
    label = stopped?.labelfile;
  }
  await cp(join(folder, writeAheadLog), join(target, writeAheadLog), { recursive: true });
  await writeFile(join(target, 'backup_label'), label ?? '');
}

function isData(path: string): boolean {
  return !path.startsWith(`${writeAheadLog}${sep}`) && path !== 'postmaster.pid';
}

async function requireRoom(folder: string): Promise<void> {
  const names = await readdir(folder, { recursive: true });
  let bytes = 0;
  for (const name of names) bytes += (await stat(join(folder, name)).catch(() => undefined))?.size ?? 0;
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= bytes + reserveBytes) return;
  throw new Failure(
    'STORAGE_FULL',
    `A backup beside the running service copies the embedded database first, and the disk of ${folder} has no room for ` +
      `${Math.ceil(bytes / 2 ** 20)} MiB. Make room, or stop the service and type "symface backup FILE --offline".`,
  );
}
