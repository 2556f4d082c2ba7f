import { once } from 'node:events';
import { type DescMethod, type FileRegistry, type Message, fromBinary, toBinary } from '@bufbuild/protobuf';
import { Code, ConnectError, type ConnectRouter, type HandlerContext } from '@connectrpc/connect';
import {
  type CallOptions,
  type Client,
  type ClientReadableStream,
  type ClientWritableStream,
  type ServiceError,
} from '@grpc/grpc-js';
import { connectFailure } from './connect-failure.js';
import { servicesOf } from './contract-registry.js';
import { metadataOf } from './http-call.js';

/**
 * Routes every method of the contract that does not stream both ways to the gRPC service, which alone checks and answers.
 * @param client of the gRPC service
 */
export function forwardCalls(router: ConnectRouter, registry: FileRegistry, client: Client): void {
  for (const service of servicesOf(registry)) {
    const methods = service.methods.flatMap((method) => {
      const handler = forwarding(method, registry, client);
      return handler === undefined ? [] : [[method.localName, handler]];
    });
    // The methods are known at run time only, so their types are not.
    router.service(service, Object.fromEntries(methods) as Parameters<typeof router.service>[1]);
  }
}

type Handler = (request: never, context: HandlerContext) => unknown;

/** @returns undefined of a method that streams both ways, which HTTP/1.1 cannot */
function forwarding(method: DescMethod, registry: FileRegistry, client: Client): Handler | undefined {
  const codec = {
    path: `/${method.parent.typeName}/${method.name}`,
    write: (message: Message) => Buffer.from(toBinary(method.input, message)),
    read: (bytes: Buffer) => fromBinary(method.output, bytes),
  };
  const failed = (error: unknown): unknown =>
    isServiceError(error) ? connectFailure(error, registry) : error;
  switch (method.methodKind) {
    case 'unary':
      return (request: Message, context) => unary(client, codec, request, context, failed);
    case 'server_streaming':
      return (request: Message, context) => serverStream(client, codec, request, context, failed);
    case 'client_streaming':
      return (requests: AsyncIterable<Message>, context) =>
        clientStream(client, codec, requests, context, failed);
    case 'bidi_streaming':
      return undefined;
  }
}

interface Codec {
  readonly path: string;
  readonly write: (message: Message) => Buffer;
  readonly read: (bytes: Buffer) => Message;
}

type Failed = (error: unknown) => unknown;

async function unary(
  client: Client,
  { path, write, read }: Codec,
  request: Message,
  context: HandlerContext,
  failed: Failed,
): Promise<Message> {
  return new Promise((resolve, reject) => {
    const call = client.makeUnaryRequest(
      path,
      write,
      read,
      request,
      metadataOf(context),
      optionsOf(context),
      (error, answer) => {
        if (error !== null) reject(asError(failed(error)));
        else if (answer !== undefined) resolve(answer);
      },
    );
    cancelWith(context.signal, call);
  });
}

async function* serverStream(
  client: Client,
  { path, write, read }: Codec,
  request: Message,
  context: HandlerContext,
  failed: Failed,
): AsyncGenerator<Message> {
  const call = client.makeServerStreamRequest(
    path,
    write,
    read,
    request,
    metadataOf(context),
    optionsOf(context),
  );
  cancelWith(context.signal, call);
  yield* answersOf(call, failed);
}

async function clientStream(
  client: Client,
  { path, write, read }: Codec,
  requests: AsyncIterable<Message>,
  context: HandlerContext,
  failed: Failed,
): Promise<Message> {
  const answered = new AbortController();
  return new Promise((resolve, reject) => {
    const call = client.makeClientStreamRequest(
      path,
      write,
      read,
      metadataOf(context),
      optionsOf(context),
      (error: ServiceError | null, answer?: Message) => {
        // What is left to send nobody waits for.
        answered.abort();
        if (error !== null) reject(asError(failed(error)));
        else if (answer !== undefined) resolve(answer);
      },
    );
    cancelWith(context.signal, call);
    send(requests, call, answered.signal).catch((error: unknown) => {
      // The body is none of the contract's, or broke off: that is the failure, and not that the call ends for it.
      reject(asError(error));
      call.cancel();
    });
  });
}

async function* answersOf(
  call: Pick<ClientReadableStream<Message>, 'cancel'> & AsyncIterable<unknown>,
  failed: Failed,
): AsyncGenerator<Message> {
  try {
    for await (const answer of call) yield answer as Message;
  } catch (error) {
    throw asError(failed(error));
  } finally {
    call.cancel();
  }
}

/** Sends the messages no faster than they are taken, until the call is answered. */
async function send(
  requests: AsyncIterable<Message>,
  call: ClientWritableStream<Message>,
  answered: AbortSignal,
): Promise<void> {
  for await (const request of requests) {
    if (answered.aborted) return;
    if (call.write(request)) continue;
    await once(call, 'drain', { signal: answered }).catch((error: unknown) => {
      if (!answered.aborted) throw error;
    });
  }
  call.end();
}

/** Where the caller names no time, the service's own default holds. */
function optionsOf({ timeoutMs }: HandlerContext): CallOptions {
  const leftMs = timeoutMs();
  return leftMs === undefined ? {} : { deadline: Date.now() + leftMs };
}

/** Where the deadline has passed, the call of the same deadline ends by itself, and says so: it is not the caller who has left. */
function cancelWith(signal: AbortSignal, call: { cancel(): void }): void {
  const cancel = (): void => {
    if (!isDeadline(signal.reason)) call.cancel();
  };
  if (signal.aborted) cancel();
  else signal.addEventListener('abort', cancel, { once: true });
}

function isDeadline(reason: unknown): boolean {
  return reason instanceof ConnectError && reason.code === Code.DeadlineExceeded;
}

function isServiceError(error: unknown): error is ServiceError {
  return error instanceof Error && 'code' in error && 'metadata' in error;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
