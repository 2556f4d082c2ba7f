import type { ServerResponse } from 'node:http';
import type { FileRegistry } from '@bufbuild/protobuf';
import type { ConnectError } from '@connectrpc/connect';
import { codeToHttpStatus, errorToJson } from '@connectrpc/connect/protocol-connect';

/**
 * Answers a call that is not forwarded, in the form of Connect's errors, before anything of its body is read. Clients of
 * gRPC-Web and of streams go by the HTTP status.
 * @param registry knows the types of the details
 */
export function refuseCall(response: ServerResponse, error: ConnectError, registry?: FileRegistry): void {
  response.writeHead(codeToHttpStatus(error.code), { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(errorToJson(error, registry === undefined ? undefined : { registry })));
}
