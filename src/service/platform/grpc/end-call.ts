import { constants, type ServerHttp2Stream } from 'node:http2';
import type { ServerInterceptingCallInterface } from '@grpc/grpc-js';
import type { Failure } from '../../../core/failure.js';
import { statusReply } from './rich-status.js';

/** By then the status has gone. */
const closedAfterMs = 1_000;

/**
 * The HTTP/2 stream of a call. grpc-js 1.14 keeps it to itself, and has no other way to see how much of a message has come.
 * @param call any interceptor's part of a call
 */
export function http2StreamOf(call: ServerInterceptingCallInterface): ServerHttp2Stream | undefined {
  let innermost: unknown = call;
  while (isObject(innermost) && 'nextCall' in innermost) innermost = innermost.nextCall;
  return isObject(innermost) && 'stream' in innermost ? (innermost.stream as ServerHttp2Stream) : undefined;
}

/**
 * Fails a call of which the client may still be sending, and lets go of what has come: a client that does not end its half
 * would keep the beginning of its message in memory.
 */
export function endCall(call: ServerInterceptingCallInterface, failure: Failure): void {
  const stream = http2StreamOf(call);
  call.sendStatus(statusReply(failure));
  if (stream === undefined) return;
  // What comes still is thrown away. Pausing would keep it, and hold the window of the whole connection.
  stream.removeAllListeners('data').resume();
  setTimeout(() => {
    if (!stream.closed) stream.close(constants.NGHTTP2_NO_ERROR);
  }, closedAfterMs).unref();
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
