import { statSync } from 'node:fs';
import { access, constants, mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasErrorCode } from '../../../storage/files/durable-files.js';
import { ConfigurationError } from '../configuration/configuration-error.js';

/** Says that the folder had a database: one that is gone later was lost, and not never made. */
const markName = 'database.made';
const controlFile = join('global', 'pg_control');
const markText =
  'The folder "database" beside this file holds the faces that were enrolled. Should it be missing, restore it from a\n' +
  'backup. Whoever wants an empty database in its place removes this file first.\n';

/** The folder of the embedded database within a data folder. */
function embeddedFolder(dataFolder: string): string {
  return join(dataFolder, 'database');
}

/**
 * Makes the folder, where none was lost.
 * @param mayReplaceLost makes it where one was lost, too
 * @throws ConfigurationError where it was lost, or lacks files
 */
export async function prepareEmbeddedFolder(dataFolder: string, mayReplaceLost: boolean): Promise<string> {
  const folder = embeddedFolder(dataFolder);
  const files = await namesIn(folder);
  if (files.length > 0) await requireWhole(folder);
  else if (!mayReplaceLost) await requireNoneLost(dataFolder, folder);
  await mkdir(folder, { recursive: true });
  return folder;
}

/**
 * Tells whether the files that a database was opened on are still there. PGlite writes on where they were taken away or replaced,
 * into files that nobody finds again.
 */
export function openedFiles(folder: string): () => boolean {
  // PostgreSQL writes it in place as long as the database lives.
  const identity = (): number | undefined =>
    statSync(join(folder, controlFile), { throwIfNoEntry: false })?.ino;
  const opened = identity();
  return () => identity() === opened;
}

/** Notes that the database is there. */
export async function markEmbeddedFolder(dataFolder: string): Promise<void> {
  await writeFile(join(dataFolder, markName), markText, { flag: 'wx' }).catch((error: unknown) => {
    if (!hasErrorCode(error, 'EEXIST')) throw error;
  });
}

/** @throws ConfigurationError where the data folder has no embedded database */
export async function requireEmbedded(dataFolder: string): Promise<void> {
  const folder = embeddedFolder(dataFolder);
  if ((await namesIn(folder)).length > 0) return;
  throw new ConfigurationError(
    `There is no embedded database in ${folder}. Set SYMFACE_DATA_DIR to the data folder of the service, or DATABASE_URL ` +
      'where it uses PostgreSQL.',
  );
}

/** Makes the data folder. @throws ConfigurationError where it cannot be written */
export async function requireWritable(dataFolder: string): Promise<void> {
  try {
    await mkdir(dataFolder, { recursive: true });
    await access(dataFolder, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new ConfigurationError(
      `The data folder ${dataFolder} cannot be written (${code}). Give the user of this process write access to it, or ` +
        'set SYMFACE_DATA_DIR to another folder.',
      { cause },
    );
  }
}

async function requireNoneLost(dataFolder: string, folder: string): Promise<void> {
  const names = await namesIn(dataFolder);
  const witness = [markName, 'encryption.key'].find((name) => names.includes(name));
  if (witness === undefined) return;
  throw new ConfigurationError(
    `The embedded database in ${folder} is gone: ${join(dataFolder, witness)} is left of it. Nothing was made in its place. ` +
      `Restore it from a backup ("symface restore FILE"); or, to begin with an empty database and without the faces, remove ${witness}.`,
  );
}

/** PGlite aborts without a word on a folder from which these are missing. */
async function requireWhole(folder: string): Promise<void> {
  for (const name of ['PG_VERSION', controlFile]) {
    await access(join(folder, name)).catch((cause: unknown) => {
      throw damagedFolder(folder, `${name} is missing`, cause);
    });
  }
}

/** @param what in a few words */
export function damagedFolder(folder: string, what: string, cause: unknown): ConfigurationError {
  return new ConfigurationError(
    `The embedded database in ${folder} is damaged: ${what}. Nothing was changed. Move it away, then restore it from a backup ` +
      '("symface restore FILE"). Without one the service begins with an empty database, without the faces.',
    { cause },
  );
}

async function namesIn(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch((error: unknown) => {
    if (hasErrorCode(error, 'ENOENT')) return [];
    throw error;
  });
}
