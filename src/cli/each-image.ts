import { type Command, Option } from 'commander';
import { RemoteFailure } from '../client/remote-failure.js';
import type { SymFaceClient } from '../client/symface-client.js';
import { CommandFailure } from './command-failure.js';
import { describeError } from './describe-error.js';
import { EXIT_ERROR, EXIT_OK } from './exit-code.js';
import { readImageFile, type ImageFile } from './image-file.js';
import { ImageProgress } from './image-progress.js';
import { inOrder } from './in-order.js';
import { isPassing, withRetries } from './retries.js';
import { positiveInteger, type ServerOptions, type Session } from './session.js';

/** What is printed of an image, and what the command's exit status is for it. */
export interface ImageAnswer {
  readonly lines: readonly string[];
  /** {@link EXIT_OK} where it is left out. The command ends with the highest. */
  readonly exitCode?: number;
}

/** What commands over many images take. */
export interface ImagesOptions {
  readonly json?: true;
  readonly parallel: number;
}

/** The option `--parallel`. */
export function parallelOption(): Option {
  return new Option('--parallel <count>', 'images at a time').argParser(positiveInteger).default(4);
}

/**
 * Makes one call an image, several at a time, and prints the answers in the order of the images. An image that fails is
 * reported and the others go on; failures that would meet every image (no server) end the run.
 */
export async function eachImage(
  session: Session,
  command: Command,
  paths: readonly string[],
  answerOf: (client: SymFaceClient, image: ImageFile) => Promise<ImageAnswer>,
): Promise<void> {
  await session.callServer(command, async (client) =>
    printedInOrder(session, command, paths, paths.length, async (path) => [
      await answerOrFailure(command, path, async () => {
        const image = await readImageFile(path);
        return withRetries(() => answerOf(client, image), isPassing);
      }),
    ]),
  );
}

/** An answer, or why there is none. */
export interface PrintedAnswer extends ImageAnswer {
  /** For people, on standard error. */
  readonly failure?: string;
}

/** The answer of one image; where the image fails, what is printed instead. @throws what would meet every image */
export async function answerOrFailure(
  command: Command,
  path: string,
  answer: () => Promise<ImageAnswer>,
): Promise<PrintedAnswer> {
  try {
    return await answer();
  } catch (error) {
    if (!concernsOneImage(error)) throw error;
    return failedAnswer(command, path, error);
  }
}

/** What is printed of an image that failed. */
export function failedAnswer(
  command: Command,
  path: string,
  error: RemoteFailure | CommandFailure,
): PrintedAnswer {
  const options = command.optsWithGlobals<ServerOptions & ImagesOptions>();
  // A CommandFailure names the file itself.
  const about = error instanceof RemoteFailure ? `${path}: ` : '';
  return {
    lines: options.json ? [JSON.stringify({ file: path, error: errorJson(error) })] : [],
    failure: `symface: ${about}${describeError(error, options)}`,
    exitCode: EXIT_ERROR,
  };
}

/**
 * Works on the parts of a command's images, several at a time, and prints what comes of them in their order, with progress
 * where someone watches.
 * @returns the highest exit status
 */
export async function printedInOrder<Part>(
  { terminal }: Session,
  command: Command,
  parts: readonly Part[],
  imageCount: number,
  work: (part: Part) => Promise<readonly PrintedAnswer[]>,
): Promise<number> {
  const { parallel } = command.optsWithGlobals<ImagesOptions>();
  const progress = new ImageProgress(terminal.isInteractive && imageCount > 1, imageCount);
  let finished = 0;
  let highest = EXIT_OK;
  try {
    await inOrder(parts, parallel, work, (answers) => {
      progress.clear();
      for (const { lines, failure, exitCode = EXIT_OK } of answers) {
        for (const line of lines) terminal.out(line);
        if (failure !== undefined) terminal.err(failure);
        highest = Math.max(highest, exitCode);
      }
      finished += answers.length;
      progress.update(finished);
    });
  } finally {
    progress.stop();
  }
  return highest;
}

function concernsOneImage(error: unknown): error is RemoteFailure | CommandFailure {
  return error instanceof CommandFailure || (error instanceof RemoteFailure && error.reason !== undefined);
}

function errorJson(error: RemoteFailure | CommandFailure): {
  readonly reason: string;
  readonly message: string;
} {
  const reason = error instanceof RemoteFailure ? error.reason : undefined;
  return { reason: reason ?? 'FILE_UNREADABLE', message: error.message };
}
