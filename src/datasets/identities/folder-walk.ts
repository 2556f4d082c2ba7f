import type { Dirent } from 'node:fs';
import { open, readdir, realpath, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { formatBytes, sniffImageFormat } from '../../core/images/image-format.js';
import { hasErrorCode } from '../../storage/files/durable-files.js';
import type { PassedOver, PassedOverReason } from './passed-over.js';
import { isSystemName } from './system-names.js';

/** What lies in a folder and in those below it: each file that was seen is in one of both. */
export interface FolderContents {
  /** Paths of images, in their order. */
  readonly images: readonly string[];
  /** What else was seen, in the order of the paths. */
  readonly passedOver: readonly PassedOver[];
}

/**
 * Names that say "image": their bytes are looked at when they are decoded, since a set has millions of them. Other files are
 * images where their first bytes say so.
 */
const imageExtensions: ReadonlySet<string> = new Set([
  '.jpg',
  '.jpeg',
  '.jpe',
  '.jfif',
  '.png',
  '.webp',
  '.avif',
  '.gif',
  '.tif',
  '.tiff',
  '.bmp',
  '.heic',
  '.heif',
]);

/**
 * Finds the images in a folder and in those below it. Links are followed; a folder or file is there once, however many
 * lead to it, and by its own path where that is below the folder.
 * @throws the system's error where the folder itself cannot be read
 */
export async function walkFolder(folder: string): Promise<FolderContents> {
  const walk = new FolderWalk();
  await walk.enter(folder);
  return walk.contents();
}

class FolderWalk {
  private readonly images: string[] = [];
  private readonly passedOver: PassedOver[] = [];
  /** Real paths of the folders that were looked into. */
  private readonly folders = new Set<string>();
  /** Followed after all else, so that what is there itself counts rather than a link to it. */
  private readonly links: string[] = [];
  /** Links to files and their real paths; looked at when every folder was. */
  private readonly fileLinks: { readonly link: string; readonly real: string; readonly isFile: boolean }[] =
    [];

  /** @throws the system's error where it cannot be read */
  async enter(folder: string): Promise<void> {
    await this.lookInto(folder, await realpath(folder));
    // Following a link may find others.
    for (let link = this.links.shift(); link !== undefined; link = this.links.shift())
      await this.follow(link);
    if (this.fileLinks.length > 0) await this.takeLinkedFiles();
  }

  contents(): FolderContents {
    const byPath = (a: PassedOver, b: PassedOver): number => (a.path < b.path ? -1 : 1);
    return { images: this.images.sort(), passedOver: this.passedOver.sort(byPath) };
  }

  private async lookInto(folder: string, real: string): Promise<void> {
    const entries = await readdir(real, { withFileTypes: true });
    this.folders.add(real);
    for (const entry of entries.sort(byName)) {
      const path = join(folder, entry.name);
      if (isSystemName(entry.name)) await this.passOver(path, entry, 'system-file');
      else if (entry.isSymbolicLink()) this.links.push(path);
      else if (entry.isDirectory()) await this.lookIntoBelow(path, join(real, entry.name));
      else await this.take(path, entry.isFile());
    }
  }

  private async lookIntoBelow(folder: string, real: string): Promise<void> {
    if (this.folders.has(real)) {
      this.note(folder, 'linked-again');
      return;
    }
    await this.lookInto(folder, real).catch((error: unknown) => {
      this.noteUnreadable(folder, error);
    });
  }

  private async follow(link: string): Promise<void> {
    try {
      const [real, status] = [await realpath(link), await stat(link)];
      if (status.isDirectory()) await this.lookIntoBelow(link, real);
      else this.fileLinks.push({ link, real, isFile: status.isFile() });
    } catch (error) {
      if (hasErrorCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) this.note(link, 'broken-link');
      else this.noteUnreadable(link, error);
    }
  }

  private async takeLinkedFiles(): Promise<void> {
    const seen = new Set<string>();
    for (const path of this.images) seen.add(await realpath(path));
    for (const { link, real, isFile } of this.fileLinks) {
      if (seen.has(real)) this.note(link, 'linked-again');
      else await this.take(link, isFile);
      seen.add(real);
    }
  }

  /** A pipe or a device is never opened: reading it may never end. */
  private async take(path: string, isFile: boolean): Promise<void> {
    const isNamed = imageExtensions.has(extname(path).toLowerCase());
    try {
      if (isFile && (isNamed || (await hasImageBytes(path)))) this.images.push(path);
      else this.note(path, 'not-an-image');
    } catch (error) {
      this.noteUnreadable(path, error);
    }
  }

  /** Counts the files in a folder that is left out, too. */
  private async passOver(path: string, entry: Dirent, reason: PassedOverReason): Promise<void> {
    if (!entry.isDirectory()) {
      this.note(path, reason);
      return;
    }
    const inside = await readdir(path, { withFileTypes: true, recursive: true }).catch(() => []);
    const files = inside.filter((one) => !one.isDirectory());
    for (const file of files) this.note(join(file.parentPath, file.name), reason);
    if (files.length === 0) this.note(path, reason);
  }

  private note(path: string, reason: PassedOverReason): void {
    this.passedOver.push({ path, reason });
  }

  /** What the system refuses for other reasons is a defect of this walk. */
  private noteUnreadable(path: string, error: unknown): void {
    if (!(error instanceof Error && 'code' in error)) throw error;
    this.note(path, 'unreadable');
  }
}

async function hasImageBytes(path: string): Promise<boolean> {
  const file = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(formatBytes), 0, formatBytes, 0);
    return sniffImageFormat(buffer.subarray(0, bytesRead)) !== undefined;
  } finally {
    await file.close();
  }
}

function byName(a: Dirent, b: Dirent): number {
  return a.name < b.name ? -1 : 1;
}
