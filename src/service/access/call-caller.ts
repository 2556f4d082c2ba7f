import type { Metadata } from '@grpc/grpc-js';
import type { Caller } from './caller.js';

/**
 * The callers by the metadata that their calls came with: grpc-js hands the same object to interceptors and handler.
 */
const callers = new WeakMap<Metadata, Caller>();

/** Notes who makes a call; the authentication does so once a call. */
export function rememberCaller(metadata: Metadata, caller: Caller): void {
  callers.set(metadata, caller);
}

/** Who makes a call that needs a key; undefined of one that needs none. */
export function admittedCaller(metadata: Metadata): Caller | undefined {
  return callers.get(metadata);
}

/**
 * The caller that the authentication noted for the call.
 * @throws Error where the authentication was left out: a defect, never a way in
 */
export function callerOf(metadata: Metadata): Caller {
  const caller = admittedCaller(metadata);
  if (caller === undefined) throw new Error('a call reached its handler without authentication');
  return caller;
}
