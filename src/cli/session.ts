import { InvalidArgumentError, Option, type Command } from 'commander';
import { SymFaceClient } from '../client/symface-client.js';
import { apiKeyOfEnvironment } from './client-environment.js';
import { CommandFailure } from './command-failure.js';
import { describeError } from './describe-error.js';
import { EXIT_ERROR } from './exit-code.js';
import type { Terminal } from './terminal.js';

const CALL_TIMEOUT_MS = 30_000;
/** Importing and activating a model move and load whole files. */
const MODEL_CHANGE_TIMEOUT_MS = 300_000;

const loopbackServer = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d+)?$/u;

/** The options every command takes. */
export interface ServerOptions {
  readonly server: string;
  readonly timeoutMs?: number;
  readonly apiKey?: string;
  readonly tls?: true;
  readonly tlsCa?: string;
  readonly tlsCertificate?: string;
  readonly tlsKey?: string;
}

/** One run of the command line: where it writes and what it will exit with. */
export class Session {
  exitCode = 0;

  constructor(readonly terminal: Terminal) {}

  /** Runs `use` with a client that is closed afterwards. Its answer is the exit code. */
  callServer(command: Command, use: (client: SymFaceClient) => Promise<number>): Promise<void> {
    return this.connect(command, CALL_TIMEOUT_MS, use);
  }

  /** Calls as {@link callServer} does, with time for large files. */
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
    const options = command.optsWithGlobals<ServerOptions>();
    const { server, timeoutMs = defaultTimeoutMs } = options;
    const client = connectClient(options, timeoutMs);
    try {
      this.exitCode = await use(client);
    } catch (error) {
      this.fail(error, { server, timeoutMs });
    } finally {
      client.close();
    }
  }
}

/** @throws CommandFailure where the key would travel in plaintext or a TLS file cannot be read */
function connectClient(options: ServerOptions, timeoutMs: number): SymFaceClient {
  const { server, tlsCa: caFile, tlsCertificate: certificateFile, tlsKey: keyFile } = options;
  const apiKey = options.apiKey ?? apiKeyOfEnvironment();
  const isTls = [options.tls, caFile, certificateFile, keyFile].some((option) => option !== undefined);
  if (apiKey !== undefined && !isTls && !loopbackServer.test(server)) {
    throw new CommandFailure(
      `The API key would travel to ${server} unencrypted. Add --tls (and --tls-ca where its certificate is your own).`,
    );
  }
  const tls = isTls ? { caFile, certificateFile, keyFile } : undefined;
  try {
    return new SymFaceClient({ server, timeoutMs, apiKey, tls });
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new CommandFailure(`Cannot use the TLS files: ${message}.`, { cause });
  }
}

/** Parses an option's value. @throws InvalidArgumentError */
export function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value <= 0)
    throw new InvalidArgumentError('Give a whole number above 0.');
  return value;
}

/** Parses an option's value. @throws InvalidArgumentError */
export function naturalNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0)
    throw new InvalidArgumentError('Give a whole number from 0 on.');
  return value;
}

/** An option that may be given again and again: a list. @param otherwise what is so where it is not given, for the help */
export function repeatable(flags: string, description: string, otherwise: string): Option {
  return new Option(flags, `${description}; may be given again and again`)
    .argParser((value: string, before: readonly string[]) => [...before, value])
    .default([], otherwise);
}

/** Parses a cosine similarity. @throws InvalidArgumentError */
export function cosine(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= -1 && value <= 1)) {
    throw new InvalidArgumentError('Give a cosine similarity between -1 and 1.');
  }
  return value;
}

/** Parses a false match rate. @throws InvalidArgumentError */
export function falseMatchRate(text: string): number {
  const value = Number(text);
  if (value > 0 && value < 1) return value;
  throw new InvalidArgumentError('Give a rate between 0 and 1, for example 1e-3.');
}

/** Parses a limit. @throws InvalidArgumentError */
export function numberAtLeastZero(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !(value >= 0)) throw new InvalidArgumentError('Give a number from 0 on.');
  return value;
}

/** What a response must carry. @throws Error where it does not */
export function present<T>(value: T | null): T {
  if (value === null) throw new Error('The server answered without what was asked for.');
  return value;
}
