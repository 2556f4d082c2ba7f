import type { DescMethod } from '@bufbuild/protobuf';
import { Code, ConnectError } from '@connectrpc/connect';
import {
  contentTypeStreamRegExp as streamType,
  contentTypeUnaryRegExp as unaryType,
} from '@connectrpc/connect/protocol-connect';
import { contentTypeRegExp as webType } from '@connectrpc/connect/protocol-grpc-web';
import { connectNodeAdapter } from '@connectrpc/connect-node';
import type { Client } from '@grpc/grpc-js';
import { boundDeadline } from '../../grpc/longest-deadline.js';
import { maximumBodyBytes } from './body-size.js';
import { contractRegistry, isCallOf, servicesOf } from './contract-registry.js';
import { forwardCalls } from './forward-calls.js';
import { contextOf } from './http-call.js';
import type { HttpHandler } from './http-handler.js';
import { refuseCall } from './refuse-call.js';
import { refuseMalformed } from './malformed-messages.js';

/**
 * Answers calls of the contract over HTTP in the protocols Connect (JSON and binary) and gRPC-Web, at
 * `/package.Service/Method`, by asking the gRPC service; passes on what is no such call.
 * @param client of the gRPC service
 */
export function bridgeHandler(client: Client): HttpHandler {
  const registry = contractRegistry();
  const services = servicesOf(registry);
  const isCall = isCallOf(services);
  const methodKinds = new Map<string, DescMethod['methodKind']>(
    services.flatMap(({ typeName, methods }) =>
      methods.map(({ name, methodKind }) => [`/${typeName}/${name}`, methodKind] as const),
    ),
  );
  const handler = connectNodeAdapter({
    routes: (router) => {
      forwardCalls(router, registry, client);
    },
    contextValues: contextOf,
    readMaxBytes: maximumBodyBytes,
    writeMaxBytes: maximumBodyBytes,
    // A field that the contract does not have is a mistake that its sender wants to know of.
    jsonOptions: { registry, ignoreUnknownFields: false },
  });
  return (request, response, next) => {
    const { url = '', method, headers } = request;
    if (!isCall(url)) {
      next();
      return;
    }
    const [path = ''] = url.split('?');
    const kind = methodKinds.get(path);
    if (kind === undefined) {
      refuseCall(response, noSuchMethod(path), registry, 404);
      return;
    }
    if (method !== 'POST') {
      response.setHeader('Allow', 'POST');
      refuseCall(response, new ConnectError(`${path} is called by POST.`, Code.Unimplemented), registry, 405);
      return;
    }
    const mistake = mistakeOf(path, kind, headers['content-type'] ?? '');
    if (mistake !== undefined) {
      refuseCall(response, mistake, registry);
      return;
    }
    if (headers['content-type'] === 'application/proto') refuseMalformed(request, response, registry);
    boundDeadline(headers);
    handler(request, response);
  };
}

function noSuchMethod(path: string): ConnectError {
  return new ConnectError(
    `The contract has no method ${path}: names are written as in docs/api.md and at /console/#/api.`,
    Code.Unimplemented,
  );
}

/** What Connect would refuse without a word. @returns undefined where it takes the call */
function mistakeOf(
  path: string,
  kind: DescMethod['methodKind'],
  contentType: string,
): ConnectError | undefined {
  switch (kind) {
    case 'bidi_streaming':
      return new ConnectError(
        `${path} streams both ways, which needs HTTP/2: call it over gRPC, or call the methods that do not stream.`,
        Code.Unimplemented,
      );
    case 'unary':
      if (unaryType.test(contentType) || webType.test(contentType)) return undefined;
      return new ConnectError(
        `${path} takes "Content-Type: application/json" in UTF-8 (or application/proto), not "${contentType}".`,
        Code.InvalidArgument,
      );
    case 'server_streaming':
    case 'client_streaming':
      if (streamType.test(contentType) || webType.test(contentType)) return undefined;
      return new ConnectError(
        `${path} streams: call it with a client of Connect or gRPC-Web, which send "Content-Type: ` +
          `application/connect+json" and messages in envelopes, not "${contentType}".`,
        Code.InvalidArgument,
      );
  }
}
