import { InvalidArgumentError, type Command } from 'commander';
import { SymFaceClient } from '../adapters/grpc-client/symface-client.js';
import { describeError } from './describe-error.js';
import { EXIT_ERROR } from './exit-code.js';
import type { Terminal } from './terminal.js';

const CALL_TIMEOUT_MS = 30_000;
/** Importing and activating a model move and load whole files. */
const MODEL_CHANGE_TIMEOUT_MS = 300_000;

/** The options every command takes. */
export interface ServerOptions {
  readonly server: string;
  readonly timeoutMs?: number;
}

/** One run of the command line: where it writes and what it will exit with. */
export class Session {
  exitCode = 0;

  constructor(readonly terminal: Terminal) {}

  /** Runs `use` with a client that is closed afterwards. Its answer is the exit code. */
  callServer(command: Command, use: (client: SymFaceClient) => Promise<number>): Promise<void> {
    return this.connect(command, CALL_TIMEOUT_MS, use);
  }

  /** As {@link callServer}, with time for large files. */
  changeModels(command: Command, use: (client: SymFaceClient) => Promise<number>): Promise<void> {
    return this.connect(command, MODEL_CHANGE_TIMEOUT_MS, use);
  }

  /** Reports an error in one line; the run will end with {@link EXIT_ERROR}. */
  fail(error: unknown, server?: ServerOptions): void {
    this.terminal.err(`symface: ${describeError(error, server)}`);
    this.exitCode = EXIT_ERROR;
  }

  private async connect(
    command: Command,
    defaultTimeoutMs: number,
    use: (client: SymFaceClient) => Promise<number>,
  ): Promise<void> {
    const { server, timeoutMs = defaultTimeoutMs } = command.optsWithGlobals<ServerOptions>();
    const client = new SymFaceClient({ server, timeoutMs });
    try {
      this.exitCode = await use(client);
    } catch (error) {
      this.fail(error, { server, timeoutMs });
    } finally {
      client.close();
    }
  }
}

/** Parses an option's value. @throws InvalidArgumentError */
export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value <= 0)
    throw new InvalidArgumentError('Give a whole number above 0.');
  return value;
}

/** Parses a cosine similarity. @throws InvalidArgumentError */
export function cosine(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= -1 && value <= 1)) {
    throw new InvalidArgumentError('Give a cosine similarity between -1 and 1.');
  }
  return value;
}
