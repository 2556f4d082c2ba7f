import { Metadata, type ServerInterceptor, ServerInterceptingCall, status } from '@grpc/grpc-js';
import { callPeer } from '../grpc/call-peer.js';
import { messageBytes } from '../grpc/message-sizes.js';
import { reasonIn, withRequestInfo } from '../grpc/rich-status.js';
import type { CallObservers } from './call-observers.js';
import { CallRecord, withinCall } from './call-record.js';
import { readTraceParent, requestIdKey, requestIdOf, traceParentKey } from './request-identity.js';

/**
 * Records every call, whichever way it ends, and tells the client its id: in headers, trailers and the details of errors.
 * Nearest to the wire, so that what other interceptors refuse is recorded too.
 */
export function callInterceptor(observers: CallObservers): ServerInterceptor {
  return ({ path }, call) => {
    const record = new CallRecord(path);
    return new ServerInterceptingCall(call, {
      start: (next) => {
        next({
          onReceiveMetadata: (metadata, proceed) => {
            identify(record, call, metadata);
            withinCall(record, () => {
              proceed(metadata);
            });
          },
          onReceiveMessage: (message, proceed) => {
            record.receivedBytes += messageBytes(message);
            withinCall(record, () => {
              proceed(message);
            });
          },
          onReceiveHalfClose: (proceed) => {
            withinCall(record, proceed);
          },
          onCancel: () => {
            observers.end(record, status[status.CANCELLED], 'CANCELLED');
          },
        });
      },
      sendMetadata: (metadata, next) => {
        metadata.set(requestIdKey, record.requestId);
        next(metadata);
      },
      sendMessage: (message, next) => {
        next(message);
        // It is serialised by now.
        record.sentBytes += messageBytes(message);
      },
      sendStatus: (reply, next) => {
        const code = status[reply.code];
        const reason = reply.code === status.OK ? undefined : (reasonIn(reply.metadata) ?? code);
        observers.end(record, code, reason);
        const metadata = reply.metadata ?? new Metadata();
        metadata.set(requestIdKey, record.requestId);
        next({ ...reply, metadata: withRequestInfo(metadata, record.requestId) });
      },
    });
  };
}

function identify(
  record: CallRecord,
  call: Pick<ServerInterceptingCall, 'getConnectionInfo'>,
  metadata: Metadata,
): void {
  record.requestId = requestIdOf(metadata.get(requestIdKey)[0]);
  record.traceParent = readTraceParent(metadata.get(traceParentKey)[0]);
  const { connection, isHttp } = callPeer(call, metadata);
  record.peer = connection.replace(' ', ':');
  if (isHttp) record.transport = 'http';
}
