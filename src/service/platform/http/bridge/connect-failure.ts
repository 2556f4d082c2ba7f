import { type FileRegistry, type Message, fromBinary } from '@bufbuild/protobuf';
import { type AnySchema, anyUnpack } from '@bufbuild/protobuf/wkt';
import type { MessageShape } from '@bufbuild/protobuf';
import { Code, ConnectError } from '@connectrpc/connect';
import { type StatusObject, status as grpcStatus } from '@grpc/grpc-js';

/** The trailer in which gRPC sends a google.rpc.Status with its details. */
const statusTrailer = 'grpc-status-details-bin';

type Any = MessageShape<typeof AnySchema>;
/** google.rpc.Status, as far as it is read here. */
type Status = Message & { readonly details: readonly Any[] };

/**
 * The failure of a gRPC call as Connect says it: the same code (the numbers are the same), message, reason and details.
 * @param registry knows the types of the details
 */
export function connectFailure(error: StatusObject, registry: FileRegistry): ConnectError {
  const code: number = error.code;
  const failure = new ConnectError(textOf(error), isCode(code) ? code : Code.Unknown);
  const [status] = error.metadata.get(statusTrailer);
  const schema = registry.getMessage('google.rpc.Status');
  if (schema === undefined || !(status instanceof Buffer)) return failure;
  const { details } = fromBinary(schema, status) as unknown as Status;
  failure.details = details.flatMap((packed) => {
    const value = anyUnpack(packed, registry);
    const desc = value === undefined ? undefined : registry.getMessage(value.$typeName);
    return value === undefined || desc === undefined ? [] : [{ desc, value }];
  });
  return failure;
}

/** The codes of Connect have the numbers of gRPC's. */
function isCode(code: number): code is Code {
  return code in Code;
}

/** What grpc-js says itself of a deadline names the socket within; whoever called over HTTP has no use for that. */
function textOf({ code, details }: Pick<StatusObject, 'code' | 'details'>): string {
  const isOfThisClient = code === grpcStatus.DEADLINE_EXCEEDED && details.includes('remote_addr=');
  return isOfThisClient ? 'The deadline of the call passed.' : details;
}
