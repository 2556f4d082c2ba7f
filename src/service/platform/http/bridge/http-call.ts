import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ContextValues, createContextKey, createContextValues } from '@connectrpc/connect';
import { Metadata, status } from '@grpc/grpc-js';
import { connectionName, httpPeerKey } from '../../grpc/call-peer.js';
import type { CallObservers } from '../../telemetry/call-observers.js';
import { CallRecord } from '../../telemetry/call-record.js';
import {
  readTraceParent,
  requestIdKey,
  requestIdOf,
  traceParentKey,
} from '../../telemetry/request-identity.js';
import type { HttpHandler } from './http-handler.js';
import { isCallOf, contractRegistry, servicesOf } from './contract-registry.js';
import { refusalOf } from './refuse-call.js';

/** What of a request's headers the gRPC service gets to see as they are. */
const forwardedHeaders = ['authorization', traceParentKey] as const;

/** A call over HTTP: recorded here where it gets no further, else by the gRPC service. */
interface HttpCall {
  readonly record: CallRecord;
}

const httpCalls = new WeakMap<IncomingMessage, HttpCall>();
const httpCallKey = createContextKey<HttpCall | undefined>(undefined);
/** Requests that got as far as the gRPC service. */
const forwarded = new WeakSet<IncomingMessage>();
const requestKey = createContextKey<IncomingMessage | undefined>(undefined);
/** Connection, as the gRPC service is told of it. */
const httpPeer = createContextKey('');

/** Stands for the method where there is none of the name: whoever calls must not make up labels. */
const unknownMethod = 'unknown';

/**
 * Gives each call its id, and records those that are answered before they get to the gRPC service: without a key, from a page that may
 * not call, not of the contract.
 */
export function recordHttpCalls(observers: CallObservers): HttpHandler {
  const services = servicesOf(contractRegistry());
  const isCall = isCallOf(services);
  const methods = new Set(
    services.flatMap(({ typeName, methods: of }) => of.map(({ name }) => `/${typeName}/${name}`)),
  );
  return (request, response, next) => {
    const { url = '', method, headers, socket } = request;
    if (isCall(url) && method !== 'OPTIONS') {
      const record = new CallRecord(methods.has(url) ? url : unknownMethod, 'http');
      record.requestId = requestIdOf(headers[requestIdKey]);
      record.traceParent = readTraceParent(headers[traceParentKey]);
      record.peer = connectionName(socket.remoteAddress, socket.remotePort).replace(' ', ':');
      const call: HttpCall = { record };
      httpCalls.set(request, call);
      response.setHeader(requestIdKey, record.requestId);
      response.once('close', () => {
        if (!isForwarded(request)) observers.end(record, ...endOf(response));
      });
    }
    next();
  };
}

/** Whether the gRPC service was asked: it records the call then. */
export function isForwarded(request: IncomingMessage): boolean {
  return forwarded.has(request);
}

/** What is passed on of a request beside its message: whose turn a call is goes by its connection. */
export function contextOf(request: Pick<IncomingMessage, 'socket'>): ContextValues {
  const { socket } = request;
  return createContextValues()
    .set(httpPeer, connectionName(socket.remoteAddress, socket.remotePort))
    .set(requestKey, request as IncomingMessage)
    .set(httpCallKey, httpCalls.get(request as IncomingMessage));
}

/** The metadata that a call is passed on with. */
export function metadataOf({
  requestHeader,
  values,
}: {
  readonly requestHeader: Headers;
  readonly values: ContextValues;
}): Metadata {
  const metadata = new Metadata();
  metadata.set(httpPeerKey, values.get(httpPeer));
  for (const name of forwardedHeaders) {
    const value = requestHeader.get(name);
    if (value !== null) metadata.set(name, value);
  }
  const request = values.get(requestKey);
  if (request !== undefined) forwarded.add(request);
  const call = values.get(httpCallKey);
  if (call !== undefined) {
    metadata.set(requestIdKey, call.record.requestId);
  }
  return metadata;
}

/** The codes of what Connect refuses itself, by the HTTP status that it says so with. */
const codeOfStatus: Readonly<Record<number, string>> = {
  // An envelope that is none: of gRPC-Web and of streams the status is in the body.
  200: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'UNIMPLEMENTED',
  405: 'UNIMPLEMENTED',
  408: 'DEADLINE_EXCEEDED',
  413: 'RESOURCE_EXHAUSTED',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  501: 'UNIMPLEMENTED',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

/** Code and reason of a call that was answered here. */
function endOf(response: ServerResponse): readonly [string, string] {
  const refusal = refusalOf(response);
  if (refusal !== undefined) {
    const code: string = status[refusal.code] ?? 'UNKNOWN';
    return [code, refusal.reason ?? code];
  }
  if (!response.writableFinished) return ['CANCELLED', 'CANCELLED'];
  const code = codeOfStatus[response.statusCode] ?? 'INVALID_ARGUMENT';
  return [code, code];
}
