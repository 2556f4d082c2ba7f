import { anyUnpack } from '@bufbuild/protobuf/wkt';
import { ErrorInfoSchema } from '../generated/google/rpc/error_details_pb.js';
import type { Status } from '../generated/google/rpc/status_pb.js';
import type { CallFailure } from './failure.js';

/** Reads why something failed that a job did, from its status; undefined where it did not fail. */
export function statusFailure(status: Status | undefined): CallFailure | undefined {
  if (status === undefined) return undefined;
  const info = status.details
    .map((detail) => anyUnpack(detail, ErrorInfoSchema))
    .find((unpacked) => unpacked !== undefined);
  return {
    message: status.message,
    reason: info?.reason ?? '',
    details: info?.metadata ?? {},
    isUnauthenticated: false,
    isTemporary: false,
  };
}
