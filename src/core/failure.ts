/**
 * Why a request could not be served, as clients see it (`google.rpc.ErrorInfo.reason`).
 * `docs/errors.md` lists each with its gRPC status and what to do about it.
 */
export type FailureReason =
  | 'FACE_NOT_FOUND'
  | 'MULTIPLE_FACES'
  | 'FACE_TOO_SMALL'
  | 'FACE_DOUBTFUL'
  | 'FACE_OCCLUDED'
  | 'FACE_TOO_BLURRED'
  | 'FACE_TOO_DARK'
  | 'FACE_TOO_BRIGHT'
  | 'FACE_TOO_PROFILE'
  | 'FACE_UNFIT'
  | 'LOW_FRONTNESS'
  | 'FACE_LOOKS_UP_OR_DOWN'
  | 'SUBJECT_CONFLICT'
  | 'DUPLICATE_IMAGE'
  | 'IMAGE_EMPTY'
  | 'IMAGE_UNREADABLE'
  | 'IMAGE_FORMAT_UNSUPPORTED'
  | 'IMAGE_TOO_LARGE'
  | 'INVALID_ARGUMENT'
  | 'DATASET_INVALID'
  | 'DATASET_NOT_FOUND'
  | 'DATASET_ALREADY_EXISTS'
  | 'BENCHMARK_RUN_NOT_FOUND'
  | 'BENCHMARK_RUNS_NOT_COMPARABLE'
  | 'CALIBRATION_UNSUPPORTED'
  | 'MODEL_CONTRACT_MISMATCH'
  | 'MODEL_INVALID'
  | 'MODEL_NOT_FOUND'
  | 'COLLECTION_NOT_FOUND'
  | 'COLLECTION_ALREADY_EXISTS'
  | 'COLLECTION_NOT_SEARCHABLE'
  | 'SUBJECT_NOT_FOUND'
  | 'SUBJECT_ALREADY_EXISTS'
  | 'SUBJECT_MERGED'
  | 'SUBJECT_HAS_NO_FACES'
  | 'ENROLLED_FACE_NOT_FOUND'
  | 'REQUEST_ID_REUSED'
  | 'FACES_NOT_REEMBEDDED'
  | 'EMBEDDING_NOT_COMPARABLE'
  | 'STORED_CROP_DAMAGED'
  | 'TEMPLATE_DAMAGED'
  | 'MODEL_CHANGED'
  | 'GALLERY_TOO_LARGE'
  | 'SEARCH_UNAVAILABLE'
  | 'API_KEY_NOT_FOUND'
  | 'UNAUTHENTICATED'
  | 'PERMISSION_DENIED'
  | 'DATABASE_UNAVAILABLE'
  | 'ENCRYPTION_KEY_UNKNOWN'
  | 'THRESHOLD_NOT_CALIBRATED'
  | 'TRAINING_DATA_INSUFFICIENT'
  | 'MODEL_NOT_TRAINABLE'
  | 'MODEL_NOT_ASSESSED'
  | 'MODEL_REJECTED'
  | 'MODEL_NOT_CALIBRATED'
  | 'MODEL_IN_USE'
  | 'SCHEDULE_NOT_FOUND'
  | 'TRAINING_REPORT_NOT_FOUND'
  | 'TRAINING_DIVERGED'
  | 'RUN_IN_USE'
  | 'OUT_OF_MEMORY'
  | 'STORAGE_FULL'
  | 'JOB_NOT_FOUND'
  | 'JOB_ALREADY_ACTIVE'
  | 'JOB_CANCELLED'
  | 'ARTIFACT_NOT_FOUND'
  | 'ARTIFACT_DAMAGED'
  | 'BACKUP_IN_PROGRESS'
  | 'BACKUP_INVALID'
  | 'BACKUP_DAMAGED'
  | 'BACKUP_KEY_MISMATCH'
  | 'RESTORE_TARGET_NOT_EMPTY'
  | 'OVERLOADED'
  | 'RATE_LIMITED'
  | 'DEADLINE_EXCEEDED'
  | 'CANCELLED'
  | 'SHUTTING_DOWN'
  | 'WORKER_LOST'
  | 'NO_WORKER';

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
