import type { Metadata } from '@grpc/grpc-js';
import type { Caller } from './caller.js';

/** By the metadata that a call came with: grpc-js hands the same object to the interceptors and to the handler. */
const callers = new WeakMap<Metadata, Caller>();

/** Done by the authentication, once a call. */
export function rememberCaller(metadata: Metadata, caller: Caller): void {
  callers.set(metadata, caller);
}

/** Who makes the call. @throws Error where the authentication was left out: a defect, never a way in */
export function callerOf(metadata: Metadata): Caller {
  const caller = callers.get(metadata);
  if (caller === undefined) throw new Error('a call reached its handler without authentication');
  return caller;
}
