import { RemoteFailure } from '../../client/remote-failure.js';
import type { Status__Output } from '../../generated/google/rpc/Status.js';

/** Why something failed, in a word. */
export function errorReason(error: Status__Output): string {
  return RemoteFailure.fromStatus(error).reason ?? 'INTERNAL';
}

/** An error that a message carries, in one line. */
export function errorLine(error: Status__Output): string {
  return `${errorReason(error)}: ${error.message}`;
}
