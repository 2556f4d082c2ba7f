import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { CommandFailure } from './command-failure.js';

/** An image as the user named it. */
export interface ImageFile {
  /** The path as it was given on the command line. */
  readonly path: string;
  /** What is shown to people. */
  readonly label: string;
  readonly content: Buffer;
}

/** @throws CommandFailure where there is no such file */
export async function readImageFile(path: string): Promise<ImageFile> {
  try {
    return { path, label: basename(path), content: await readFile(path) };
  } catch (cause) {
    throw new CommandFailure(`Cannot read the image ${path} (${errorCode(cause)}). Check the path.`, {
      cause,
    });
  }
}

/** The system's word for why a file cannot be used, such as ENOENT. */
export function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : String(error);
}
