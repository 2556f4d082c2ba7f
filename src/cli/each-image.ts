import type { Command } from 'commander';
import { RemoteFailure } from '../client/remote-failure.js';
import type { SymFaceClient } from '../client/symface-client.js';
import { CommandFailure } from './command-failure.js';
import { describeError } from './describe-error.js';
import { EXIT_ERROR, EXIT_OK } from './exit-code.js';
import { readImageFile, type ImageFile } from './image-file.js';
import type { ServerOptions, Session } from './session.js';

/**
 * Runs one call an image and prints its lines. An image that fails is reported and the others go on; failures that
 * would meet every image (no server) end the run.
 */
export async function eachImage(
  session: Session,
  command: Command,
  paths: readonly string[],
  linesOf: (client: SymFaceClient, image: ImageFile) => Promise<readonly string[]>,
): Promise<void> {
  const options = command.optsWithGlobals<ServerOptions & { readonly json?: true }>();
  await session.callServer(command, async (client) => {
    let exitCode = EXIT_OK;
    for (const path of paths) {
      try {
        const image = await readImageFile(path);
        for (const line of await linesOf(client, image)) session.terminal.out(line);
      } catch (error) {
        if (!concernsOneImage(error)) throw error;
        const description = describeError(error, options);
        if (options.json) session.terminal.out(JSON.stringify({ file: path, error: errorJson(error) }));
        // A CommandFailure names the file itself.
        session.terminal.err(`symface: ${error instanceof RemoteFailure ? `${path}: ` : ''}${description}`);
        exitCode = EXIT_ERROR;
      }
    }
    return exitCode;
  });
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
