import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join, relative, resolve, sep } from 'node:path';
import type { ShiftName } from '../../datasets/degradation/shift-names.js';
import type { ImageOutcome } from '../../datasets/degradation/degraded-set.js';
import { hasErrorCode } from '../../storage/files/durable-files.js';
import { CommandFailure } from '../command-failure.js';
import { errorCode } from '../image-file.js';

/** The file that says how a set was made; without it the set is not whole. */
const recordFile = 'degradation.json';

/** What is written beside a degraded set. */
export interface DegradationRecord {
  readonly shift: ShiftName;
  readonly seed: number;
  /** The constants of the shift. */
  readonly parameters: object;
  readonly identityCount: number;
  /** Images by what became of them. */
  readonly imageCounts: Readonly<Record<ImageOutcome | 'not-chosen', number>>;
  /** Names of images without a face, or that cannot be decoded: they are not in the set. */
  readonly leftOut: readonly string[];
  /** What found the faces; null where none was looked for. */
  readonly detectorVersion: string | null;
}

/**
 * Makes the folder of a set.
 * @throws CommandFailure where there is something in it, it lies in the folder that is degraded, or it cannot be made
 */
export async function makeOutputFolder(output: string, source: string): Promise<void> {
  const within = relative(resolve(source), resolve(output));
  if (within === '' || !(within.startsWith(`..${sep}`) || within === '..' || resolve(within) === within))
    throw new CommandFailure(`${output} lies in ${source}. Name a folder elsewhere with --output <folder>.`);
  try {
    await mkdir(output, { recursive: true });
  } catch (cause) {
    throw new CommandFailure(
      `Cannot make ${output} (${errorCode(cause)}). Name another with --output <folder>.`,
      {
        cause,
      },
    );
  }
  if ((await readdir(output)).length > 0)
    throw new CommandFailure(`${output} is not empty. Remove it, or name another with --output <folder>.`);
}

/** Writes how the set was made, last. @throws CommandFailure where it cannot be written */
export async function writeRecord(output: string, record: DegradationRecord): Promise<void> {
  const named = { schema: 'symface-degraded-set', schemaVersion: 1, ...record };
  await writeFile(join(output, recordFile), `${JSON.stringify(named, null, 2)}\n`);
}

/** The system's error in writing a set as what to do about it; others as they are. */
export function writingFailure(output: string, error: unknown): unknown {
  if (!hasErrorCode(error, 'ENOSPC', 'EDQUOT', 'EACCES', 'EPERM', 'EROFS')) return error;
  return new CommandFailure(
    `Cannot write to ${output} (${errorCode(error)}). Make room or name another folder, and run the command again.`,
    { cause: error },
  );
}
