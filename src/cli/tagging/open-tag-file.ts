import { TagFile } from '../../datasets/tags/tag-file.js';
import { TagFileError } from '../../datasets/tags/tag-file-error.js';
import type { TagFileSubject } from '../../datasets/tags/tag-lines.js';
import { CommandFailure } from '../command-failure.js';
import { errorCode } from '../image-file.js';

/** What to do about the system's errors in writing. */
const WRITE_ADVICE: Readonly<Record<string, string>> = {
  ENOSPC: 'There is no room on its disk. What is tagged is kept: make room, then run the same command again.',
  EDQUOT: 'Your quota is used up. What is tagged is kept: make room, then run the same command again.',
  EROFS: 'The disk is read-only. Name a file elsewhere with --output <file>.',
  EACCES: 'You may not write there. Name a file elsewhere with --output <file>.',
  EPERM: 'You may not write there. Name a file elsewhere with --output <file>.',
  ENOENT: 'Its folder is not there. Make it, or name a file elsewhere with --output <file>.',
};

/**
 * Goes on with the tags at `path`, or begins them.
 * @throws CommandFailure where what is there is about something else, or it cannot be written
 */
export async function openTagFile(
  path: string,
  subject: TagFileSubject,
  isRestart: boolean,
): Promise<TagFile> {
  try {
    return isRestart ? await TagFile.restart(path, subject) : await TagFile.resume(path, subject);
  } catch (error) {
    throw error instanceof TagFileError ? refused(path, error) : writeFailure(path, error);
  }
}

/** What to tell the user where the tags at `path` cannot be written. */
export function writeFailure(path: string, cause: unknown): CommandFailure {
  const code = errorCode(cause);
  const advice = WRITE_ADVICE[code] ?? 'Name a file elsewhere with --output <file>.';
  return new CommandFailure(`Cannot write the tags to ${path} (${code}). ${advice}`, { cause });
}

function refused(path: string, refusal: TagFileError): CommandFailure {
  const advice =
    refusal.state === 'outdated'
      ? 'Tag everything anew in its place with --restart, or name another file with --output <file>.'
      : 'It is left as it is: name another file with --output <file>.';
  return new CommandFailure(`${path} ${refusal.message}. ${advice}`, { cause: refusal });
}
