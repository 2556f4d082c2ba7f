import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ClientReadableStream, ServiceError } from '@grpc/grpc-js';
import { RemoteFailure } from './remote-failure.js';
import type { Requests } from './service-methods.js';

/** A call that has begun. */
interface Call {
  cancel(): void;
}

/** It is told how a call ended; what comes after the first time does not count. */
type Done = (error: Error | null, response?: object) => void;

/**
 * The answer of a call that has one.
 * @throws RemoteFailure where the call fails; the signal's reason where that fired
 */
export async function oneAnswer(
  signal: AbortSignal | undefined,
  begin: (done: Done) => Call,
): Promise<object> {
  signal?.throwIfAborted();
  let release: (() => void) | undefined;
  try {
    return await new Promise<object>((resolve, reject) => {
      const call = begin((error, response) => {
        if (error !== null) reject(error);
        else if (response === undefined) reject(new Error('The call ended without an answer.'));
        else resolve(response);
      });
      release = cancelWith(signal, call);
    });
  } catch (error) {
    throw failureOf(error, signal);
  } finally {
    release?.();
  }
}

/**
 * The answers of a call that has many, as they arrive. Leaving the loop cancels the call.
 * @throws RemoteFailure where the call fails; the signal's reason where that fired
 */
export async function* streamedAnswers(
  signal: AbortSignal | undefined,
  begin: () => ClientReadableStream<object>,
): AsyncGenerator<object, void, undefined> {
  signal?.throwIfAborted();
  const call = begin();
  const release = cancelWith(signal, call);
  const answers: AsyncIterable<object> = call;
  try {
    yield* answers;
  } catch (error) {
    throw failureOf(error, signal);
  } finally {
    release();
    call.cancel();
    call.destroy();
  }
}

/** Sends requests as fast as they are taken. @param failed told what broke it off */
export function send(requests: Requests<object>, call: Writable & Call, failed: Done): void {
  pipeline(requests, call).catch((cause: unknown) => {
    failed(cause instanceof Error ? cause : new Error(String(cause)));
    call.cancel();
  });
}

/** @returns what makes the signal leave the call alone */
function cancelWith(signal: AbortSignal | undefined, call: Call): () => void {
  const cancel = (): void => {
    call.cancel();
  };
  signal?.addEventListener('abort', cancel, { once: true });
  return () => {
    signal?.removeEventListener('abort', cancel);
  };
}

function failureOf(error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted === true) return signal.reason;
  return isServiceError(error) ? RemoteFailure.fromServiceError(error) : error;
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && 'details' in error && 'metadata' in error;
}
