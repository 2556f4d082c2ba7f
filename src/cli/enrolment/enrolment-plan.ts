import { readdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { imagesBelow } from '../../datasets/identities/image-files.js';
import { requireSubjectId } from '../../service/platform/resource-names.js';
import { CommandFailure } from '../command-failure.js';
import { errorCode } from '../image-file.js';

/** One image to enrol. */
export interface PlannedImage {
  readonly subjectId: string;
  readonly path: string;
}

/**
 * Images of one subject: the files that are named, and those in the folders that are named.
 * @throws CommandFailure where a path is not there or holds no image
 */
export async function planSubject(
  subjectId: string,
  paths: readonly string[],
): Promise<readonly PlannedImage[]> {
  requireSubject(subjectId, subjectId);
  const planned: PlannedImage[] = [];
  for (const path of paths) {
    const images = (await isFolder(path)) ? await imagesBelow(path) : [path];
    if (images.length === 0) throw new CommandFailure(`There is no image in the folder ${path}.`);
    planned.push(...images.map((image) => ({ subjectId, path: image })));
  }
  return planned;
}

/**
 * Images of many subjects: each folder in the given ones is a subject, by its name.
 * @throws CommandFailure where a path is no folder, holds no image, or a name cannot be a subject's
 */
export async function planFolders(folders: readonly string[]): Promise<readonly PlannedImage[]> {
  const planned: PlannedImage[] = [];
  for (const folder of folders) {
    if (!(await isFolder(folder)))
      throw new CommandFailure(`${folder} is no folder; --by-folder takes folders.`);
    for (const subject of await foldersIn(folder)) {
      const subjectId = basename(subject);
      requireSubject(subjectId, subject);
      planned.push(...(await imagesBelow(subject)).map((path) => ({ subjectId, path })));
    }
  }
  if (planned.length > 0) return planned;
  throw new CommandFailure(
    `There is no image in a folder below ${folders.join(', ')}. --by-folder expects subject/image.jpg in it.`,
  );
}

function requireSubject(subjectId: string, source: string): void {
  try {
    requireSubjectId(subjectId, 'The subject');
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new CommandFailure(`${source}: ${message}`, { cause });
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (cause) {
    throw new CommandFailure(`Cannot read ${path} (${errorCode(cause)}). Check the path.`, { cause });
  }
}

async function foldersIn(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  return names.sort().map((name) => join(folder, name));
}
