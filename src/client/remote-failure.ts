import { status, type ServiceError } from '@grpc/grpc-js';
import type { FieldViolation } from '../core/failure.js';
import type { Status__Output } from '../generated/google/rpc/Status.js';
import { maximumImageBytes, maximumMessageBytes, rpcMessage } from '../contract/contract.js';

/** The trailer in which gRPC servers send a serialized google.rpc.Status. */
const STATUS_DETAILS_TRAILER = 'grpc-status-details-bin';

/** What google.rpc.Status details say beyond code and message. */
interface FailureDetails {
  readonly reason?: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  readonly fieldViolations: readonly FieldViolation[];
  readonly retryDelayMs?: number | undefined;
}

/** A call that the server, or the way to it, failed. */
export class RemoteFailure extends Error {
  override readonly name = 'RemoteFailure';
  /** `ErrorInfo.reason` (docs/errors.md); undefined where the error did not come from SymFace itself. */
  readonly reason: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  readonly fieldViolations: readonly FieldViolation[];
  /** How long the server asks to wait before trying again. */
  readonly retryDelayMs: number | undefined;

  constructor(
    /** A gRPC status code. */
    readonly code: number,
    message: string,
    details: FailureDetails = { metadata: {}, fieldViolations: [] },
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.reason = details.reason;
    this.metadata = details.metadata;
    this.fieldViolations = details.fieldViolations;
    this.retryDelayMs = details.retryDelayMs;
  }

  /** The name of the gRPC status, for example `INVALID_ARGUMENT`. */
  get codeName(): string {
    return status[this.code] ?? 'UNKNOWN';
  }

  /** The same failure, with what it is about before its message. */
  about(subject: string): RemoteFailure {
    return new RemoteFailure(this.code, `${subject}: ${this.message}`, this, { cause: this });
  }

  static fromServiceError(error: ServiceError): RemoteFailure {
    const trailer = error.metadata.get(STATUS_DETAILS_TRAILER)[0];
    const details = trailer instanceof Buffer ? decodeTrailer(trailer) : undefined;
    return new RemoteFailure(error.code, messageOf(error), details, { cause: error });
  }

  /** The failure of an error that arrives inside a message, such as one pair's in BatchVerify. */
  static fromStatus(remote: Status__Output): RemoteFailure {
    return new RemoteFailure(remote.code, remote.message, readDetails(remote));
  }
}

/** The transport's own words, and what to do where it is known. */
function messageOf({ details }: ServiceError): string {
  if (!/message larger than max/iu.test(details)) return details;
  const limit = maximumMessageBytes / 1024 ** 2;
  return `${details}: a message may have ${limit} MiB, an image ${maximumImageBytes / 1024 ** 2}. Send smaller images, or fewer in one call.`;
}

function decodeTrailer(trailer: Buffer): FailureDetails | undefined {
  try {
    return readDetails(rpcMessage('Status').deserialize(trailer));
  } catch {
    // A proxy may send a trailer of another kind; code and message still stand.
    return undefined;
  }
}

function readDetails(remote: Status__Output): FailureDetails {
  const bytesOf = (type: string): Buffer | undefined =>
    remote.details.find(({ type_url }) => type_url.endsWith(`/google.rpc.${type}`))?.value;
  const info = bytesOf('ErrorInfo');
  const errorInfo = info && rpcMessage('ErrorInfo').deserialize(info);
  const badRequest = bytesOf('BadRequest');
  const violations = badRequest ? rpcMessage('BadRequest').deserialize(badRequest).fieldViolations : [];
  const retry = bytesOf('RetryInfo');
  const delay = retry && rpcMessage('RetryInfo').deserialize(retry).retryDelay;
  return {
    ...(errorInfo && { reason: errorInfo.reason }),
    metadata: errorInfo?.metadata ?? {},
    fieldViolations: violations.map(({ field, description }) => ({ field, description })),
    ...(delay && { retryDelayMs: delay.seconds * 1000 + delay.nanos / 1e6 }),
  };
}
