import type { ServerResponse } from 'node:http';
import type { FileRegistry } from '@bufbuild/protobuf';
import type { Code, ConnectError } from '@connectrpc/connect';
import { codeToHttpStatus, errorToJson } from '@connectrpc/connect/protocol-connect';

/** Why a call was not forwarded. */
interface Refusal {
  readonly code: Code;
  /** Of docs/errors.md; undefined where the error has none. */
  readonly reason: string | undefined;
}

const refusals = new WeakMap<ServerResponse, Refusal>();

/**
 * Answers a call that is not forwarded, in the form of Connect's errors, before anything of its body is read. Clients of
 * gRPC-Web and of streams go by the HTTP status.
 * @param registry knows the types of the details
 * @param httpStatus where the code's own says less
 */
export function refuseCall(
  response: ServerResponse,
  error: ConnectError,
  registry?: FileRegistry,
  httpStatus = codeToHttpStatus(error.code),
): void {
  refusals.set(response, { code: error.code, reason: reasonOf(error) });
  response.writeHead(httpStatus, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(errorToJson(error, registry === undefined ? undefined : { registry })));
}

/** Why {@link refuseCall} answered; undefined where it did not. */
export function refusalOf(response: ServerResponse): Refusal | undefined {
  return refusals.get(response);
}

function reasonOf({ details }: ConnectError): string | undefined {
  for (const detail of details) {
    const { desc, value = {} } = detail as {
      readonly desc?: { readonly typeName: string };
      readonly value?: object;
    };
    if (desc?.typeName === 'google.rpc.ErrorInfo' && 'reason' in value) return String(value.reason);
  }
  return undefined;
}
