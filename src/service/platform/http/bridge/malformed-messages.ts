import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FileRegistry } from '@bufbuild/protobuf';
import { Code, ConnectError } from '@connectrpc/connect';
import { isForwarded } from './http-call.js';
import { refuseCall } from './refuse-call.js';

/**
 * Answers a request whose bytes are no message as its sender's mistake. Connect takes such bytes for a defect of the service (500), unlike
 * JSON that is none, and has no place to tell it otherwise; what fails before a call is forwarded can be nothing else.
 */
export function refuseMalformed(
  request: IncomingMessage,
  response: ServerResponse,
  registry: FileRegistry,
): void {
  const writeHead = response.writeHead.bind(response) as (...head: unknown[]) => ServerResponse;
  const replaced = (...head: unknown[]): ServerResponse => {
    response.writeHead = writeHead;
    if (head[0] !== 500 || isForwarded(request)) return writeHead(...head);
    const { url = '' } = request;
    refuseCall(
      response,
      new ConnectError(`The body is no message that ${url} takes.`, Code.InvalidArgument),
      registry,
    );
    // What Connect had to say is not sent.
    response.write = () => true;
    response.end = () => response;
    return response;
  };
  response.writeHead = replaced;
}
