import { Failure } from '../../../core/failure.js';

/** @param waitMs until the next is taken, which the client is told in seconds */
export function rateLimited(
  message: string,
  metadata: Readonly<Record<string, string>>,
  waitMs: number,
): Failure {
  const seconds = (Math.ceil(waitMs) / 1000).toString();
  return new Failure('RATE_LIMITED', message, { ...metadata, retry_after_seconds: seconds });
}
