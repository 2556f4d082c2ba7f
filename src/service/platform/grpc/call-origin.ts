import type { Metadata } from '@grpc/grpc-js';
import type { CallControl } from '../../../inference/analyser/face-analysis.js';

/** What the work of a call is to know of where it comes from. */
export interface CallOrigin extends Omit<CallControl, 'signal'> {
  /** Counts a further request of a stream. @throws Failure RATE_LIMITED */
  readonly nextRequest?: () => void;
}

/** By the metadata that calls came with: grpc-js hands the same object to interceptors and handler. */
const origins = new WeakMap<Metadata, CallOrigin>();

/** Notes where a call comes from, once a call. */
export function rememberOrigin(metadata: Metadata, origin: CallOrigin): void {
  origins.set(metadata, origin);
}

/** @returns undefined of calls that none was noted for */
export function originOf(metadata: Metadata): CallOrigin | undefined {
  return origins.get(metadata);
}
