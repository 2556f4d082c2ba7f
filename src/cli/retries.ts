import { setTimeout as sleep } from 'node:timers/promises';
import { RemoteFailure } from '../client/remote-failure.js';

const maximumAttempts = 8;
const firstDelayMs = 250;
const maximumDelayMs = 8_000;

/** Worth trying again: the service is busy, or lost something on the way. */
const passingReasons = new Set([
  'OVERLOADED',
  'WORKER_LOST',
  'NO_WORKER',
  'SHUTTING_DOWN',
  'DATABASE_UNAVAILABLE',
]);

/** Whether a call that failed so may succeed when it is made again. */
export function isPassing({ reason, retryDelayMs = Infinity }: RemoteFailure): boolean {
  // A limit a second is over soon, one a day is not.
  if (reason === 'RATE_LIMITED') return retryDelayMs <= maximumDelayMs;
  return passingReasons.has(reason ?? '');
}

/**
 * Makes a call, and makes it again after ever longer pauses (half a minute together) while it fails in a way that
 * passes.
 * @throws what the last attempt threw; an AbortError where the signal fires in a pause
 */
export async function withRetries<T>(
  call: () => Promise<T>,
  passes: (failure: RemoteFailure) => boolean,
  signal?: AbortSignal,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await call();
    } catch (error) {
      const isPassing = error instanceof RemoteFailure && passes(error);
      if (!isPassing || attempt === maximumAttempts) throw error;
      const delayMs = Math.min(firstDelayMs * 2 ** (attempt - 1), maximumDelayMs);
      // Spread, so that those who were refused together do not come back together.
      const spreadMs = Math.max(delayMs, error.retryDelayMs ?? 0) * (0.5 + Math.random());
      await sleep(spreadMs, undefined, signal && { signal });
    }
  }
}
