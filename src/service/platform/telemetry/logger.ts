import type { LoggerService } from '@nestjs/common';
import { type DestinationStream, type Logger, pino } from 'pino';
import { Failure } from '../../../core/failure.js';
import { withoutValues } from '../database/database-error.js';
import { LogDestination } from './log-destination.js';

export type { Logger } from 'pino';

/** Makes a log of JSON lines, with times in ISO 8601, on standard error, so that standard output stays free for what a command prints. */
export function createLogger(
  level: string,
  destination: DestinationStream = LogDestination.standardError(),
): Logger {
  const serializers = { err: describeError };
  const formatters = { level: (label: string) => ({ level: label }) };
  const timestamp = pino.stdTimeFunctions.isoTime;
  const options = { level, base: null, serializers, formatters, timestamp };
  return pino(options, destination);
}

const deepestCause = 5;

/** What the log has of an error: never its other fields, in which libraries keep what they were given. */
export function describeError(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return { type: typeof error };
  const known = withoutValues(error);
  const { code } = known as { readonly code?: unknown };
  return {
    type: known.name,
    message: known.message,
    ...((typeof code === 'string' || typeof code === 'number') && { code }),
    ...(known instanceof Failure && { reason: known.reason }),
    stack: known.stack,
    ...(known.cause !== undefined &&
      depth < deepestCause && { cause: describeError(known.cause, depth + 1) }),
  };
}

/** Sends Nest's own messages to the same log. */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown): void {
    this.logger.debug(String(message));
  }

  error(message: unknown): void {
    this.logger.error(String(message));
  }

  warn(message: unknown): void {
    this.logger.warn(String(message));
  }
}
