/**
 * Why a request could not be served, as clients see it (`google.rpc.ErrorInfo.reason`).
 * `docs/errors.md` lists each with its gRPC status and what to do about it.
 */
export type FailureReason =
  | 'FACE_NOT_FOUND'
  | 'MULTIPLE_FACES'
  | 'IMAGE_EMPTY'
  | 'IMAGE_UNREADABLE'
  | 'IMAGE_FORMAT_UNSUPPORTED'
  | 'IMAGE_TOO_LARGE'
  | 'INVALID_ARGUMENT'
  | 'MODEL_CONTRACT_MISMATCH'
  | 'MODEL_INVALID'
  | 'MODEL_NOT_FOUND'
  | 'THRESHOLD_NOT_CALIBRATED'
  | 'OVERLOADED'
  | 'DEADLINE_EXCEEDED'
  | 'CANCELLED'
  | 'SHUTTING_DOWN'
  | 'WORKER_LOST';

/** A violated constraint on one request field; `field` is the proto path, for example `image_a.content`. */
export interface FieldViolation {
  readonly field: string;
  readonly description: string;
}

/**
 * An expected failure: bad input or a state that the caller can do something about. The message says what.
 * Anything else that is thrown is a defect and reaches clients as INTERNAL without its message.
 */
export class Failure extends Error {
  override readonly name = 'Failure';

  constructor(
    readonly reason: FailureReason,
    message: string,
    readonly metadata: Readonly<Record<string, string>> = {},
    readonly fieldViolations: readonly FieldViolation[] = [],
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
