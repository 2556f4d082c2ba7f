import { Metadata, status } from '@grpc/grpc-js';
import { Failure, type FailureReason } from '../../../core/failure.js';
import { currentCall } from '../telemetry/call-record.js';
import type { Status } from '../../../generated/google/rpc/Status.js';
import { rpcMessage } from '../../../contract/contract.js';

/** Standard key of the serialised google.rpc.Status in the trailers. */
const statusDetailsKey = 'grpc-status-details-bin';
const errorDomain = 'symface.v1';
const overloadRetryDelayMs = 500;

/**
 * What a status may hold. Clients take 8 KiB of trailers (gRPC's core does by default), in which the message stands twice:
 * with up to three characters a byte as `grpc-message`, and in the details, which base64 makes a third longer.
 */
const maximumMessageBytes = 1_000;
const [maximumValueBytes, maximumDetailsBytes] = [256, 2_000];

/** The gRPC status of each reason (docs/errors.md). */
export const statusOfReason: Readonly<Record<FailureReason, status>> = {
  FACE_NOT_FOUND: status.INVALID_ARGUMENT,
  MULTIPLE_FACES: status.INVALID_ARGUMENT,
  FACE_TOO_SMALL: status.INVALID_ARGUMENT,
  FACE_DOUBTFUL: status.INVALID_ARGUMENT,
  FACE_OCCLUDED: status.INVALID_ARGUMENT,
  FACE_TOO_BLURRED: status.INVALID_ARGUMENT,
  FACE_TOO_DARK: status.INVALID_ARGUMENT,
  FACE_TOO_BRIGHT: status.INVALID_ARGUMENT,
  FACE_TOO_PROFILE: status.INVALID_ARGUMENT,
  FACE_UNFIT: status.INVALID_ARGUMENT,
  LOW_FRONTNESS: status.INVALID_ARGUMENT,
  FACE_LOOKS_UP_OR_DOWN: status.INVALID_ARGUMENT,
  SUBJECT_CONFLICT: status.FAILED_PRECONDITION,
  DUPLICATE_IMAGE: status.FAILED_PRECONDITION,
  IMAGE_EMPTY: status.INVALID_ARGUMENT,
  IMAGE_UNREADABLE: status.INVALID_ARGUMENT,
  IMAGE_FORMAT_UNSUPPORTED: status.INVALID_ARGUMENT,
  IMAGE_TOO_LARGE: status.INVALID_ARGUMENT,
  INVALID_ARGUMENT: status.INVALID_ARGUMENT,
  DATASET_INVALID: status.INVALID_ARGUMENT,
  DATASET_NOT_FOUND: status.NOT_FOUND,
  DATASET_ALREADY_EXISTS: status.ALREADY_EXISTS,
  BENCHMARK_RUN_NOT_FOUND: status.NOT_FOUND,
  BENCHMARK_RUNS_NOT_COMPARABLE: status.FAILED_PRECONDITION,
  CALIBRATION_UNSUPPORTED: status.FAILED_PRECONDITION,
  MODEL_CONTRACT_MISMATCH: status.INVALID_ARGUMENT,
  MODEL_INVALID: status.INVALID_ARGUMENT,
  MODEL_NOT_FOUND: status.NOT_FOUND,
  COLLECTION_NOT_FOUND: status.NOT_FOUND,
  COLLECTION_ALREADY_EXISTS: status.ALREADY_EXISTS,
  COLLECTION_NOT_SEARCHABLE: status.FAILED_PRECONDITION,
  SUBJECT_NOT_FOUND: status.NOT_FOUND,
  SUBJECT_ALREADY_EXISTS: status.ALREADY_EXISTS,
  SUBJECT_MERGED: status.NOT_FOUND,
  SUBJECT_HAS_NO_FACES: status.FAILED_PRECONDITION,
  ENROLLED_FACE_NOT_FOUND: status.NOT_FOUND,
  REQUEST_ID_REUSED: status.INVALID_ARGUMENT,
  FACES_NOT_REEMBEDDED: status.FAILED_PRECONDITION,
  EMBEDDING_NOT_COMPARABLE: status.FAILED_PRECONDITION,
  STORED_CROP_DAMAGED: status.DATA_LOSS,
  TEMPLATE_DAMAGED: status.DATA_LOSS,
  MODEL_CHANGED: status.UNAVAILABLE,
  GALLERY_TOO_LARGE: status.RESOURCE_EXHAUSTED,
  SEARCH_UNAVAILABLE: status.FAILED_PRECONDITION,
  API_KEY_NOT_FOUND: status.NOT_FOUND,
  UNAUTHENTICATED: status.UNAUTHENTICATED,
  PERMISSION_DENIED: status.PERMISSION_DENIED,
  DATABASE_UNAVAILABLE: status.UNAVAILABLE,
  ENCRYPTION_KEY_UNKNOWN: status.UNAVAILABLE,
  THRESHOLD_NOT_CALIBRATED: status.FAILED_PRECONDITION,
  TRAINING_DATA_INSUFFICIENT: status.FAILED_PRECONDITION,
  MODEL_NOT_TRAINABLE: status.FAILED_PRECONDITION,
  MODEL_NOT_ASSESSED: status.FAILED_PRECONDITION,
  MODEL_REJECTED: status.FAILED_PRECONDITION,
  MODEL_NOT_CALIBRATED: status.FAILED_PRECONDITION,
  MODEL_IN_USE: status.FAILED_PRECONDITION,
  SCHEDULE_NOT_FOUND: status.NOT_FOUND,
  TRAINING_REPORT_NOT_FOUND: status.NOT_FOUND,
  TRAINING_DIVERGED: status.FAILED_PRECONDITION,
  RUN_IN_USE: status.FAILED_PRECONDITION,
  OUT_OF_MEMORY: status.RESOURCE_EXHAUSTED,
  STORAGE_FULL: status.RESOURCE_EXHAUSTED,
  JOB_NOT_FOUND: status.NOT_FOUND,
  JOB_ALREADY_ACTIVE: status.ALREADY_EXISTS,
  JOB_CANCELLED: status.FAILED_PRECONDITION,
  ARTIFACT_NOT_FOUND: status.NOT_FOUND,
  ARTIFACT_DAMAGED: status.DATA_LOSS,
  BACKUP_IN_PROGRESS: status.FAILED_PRECONDITION,
  BACKUP_INVALID: status.INVALID_ARGUMENT,
  BACKUP_DAMAGED: status.DATA_LOSS,
  BACKUP_KEY_MISMATCH: status.FAILED_PRECONDITION,
  RESTORE_TARGET_NOT_EMPTY: status.FAILED_PRECONDITION,
  OVERLOADED: status.RESOURCE_EXHAUSTED,
  RATE_LIMITED: status.RESOURCE_EXHAUSTED,
  DEADLINE_EXCEEDED: status.DEADLINE_EXCEEDED,
  CANCELLED: status.CANCELLED,
  SHUTTING_DOWN: status.UNAVAILABLE,
  WORKER_LOST: status.UNAVAILABLE,
  NO_WORKER: status.UNAVAILABLE,
};

/** What grpc-js sends for a failed call. */
export interface StatusReply {
  readonly code: status;
  readonly details: string;
  readonly metadata: Metadata;
}

/** The google.rpc.Status of an error; of one that is no {@link Failure} only that it happened. */
export function richStatus(error: unknown): Status & { readonly code: status; readonly message: string } {
  if (!(error instanceof Failure)) {
    // The message may hold internals, so it stays in the log.
    return { code: status.INTERNAL, message: 'Internal error; the service log has the reason.', details: [] };
  }
  const message = cut(error.message, maximumMessageBytes);
  return { code: statusOfReason[error.reason], message, details: detailsOf(error) };
}

/** The status of a part that failed, such as a pair or an image, in an answer to a call that did not. */
export function partStatus(error: unknown): ReturnType<typeof richStatus> {
  currentCall()?.onPartFailed(error instanceof Failure ? error.reason : 'INTERNAL');
  return richStatus(error);
}

/** The same as a reply with trailers. */
export function statusReply(error: unknown): StatusReply {
  const rich = richStatus(error);
  const metadata = new Metadata();
  metadata.set(statusDetailsKey, rpcMessage('Status').serialize(rich));
  return { code: rich.code, details: rich.message, metadata };
}

/**
 * The same trailers with the id of the request in the details of the error; as they are where they have no details.
 * @param metadata is changed
 */
export function withRequestInfo(metadata: Metadata, requestId: string): Metadata {
  const [trailer] = metadata.get(statusDetailsKey);
  if (!(trailer instanceof Buffer)) return metadata;
  const details = [
    packed('RequestInfo', rpcMessage('RequestInfo').serialize({ requestId, servingData: '' })),
  ];
  // Encoded messages that follow one another are read as one, with the details of both.
  metadata.set(statusDetailsKey, Buffer.concat([trailer, rpcMessage('Status').serialize({ details })]));
  return metadata;
}

/** The reason that the trailers of a failed call have; undefined where they have none. */
export function reasonIn(metadata: Metadata | null | undefined): string | undefined {
  const trailer = metadata?.get(statusDetailsKey)[0];
  if (!(trailer instanceof Buffer)) return undefined;
  const { details } = rpcMessage('Status').deserialize(trailer);
  const info = details.find(({ type_url: type }) => type.endsWith('/google.rpc.ErrorInfo'));
  return info && rpcMessage('ErrorInfo').deserialize(info.value).reason;
}

function detailsOf(failure: Failure): NonNullable<Status['details']> {
  const metadata = withinBytes(
    Object.entries(failure.metadata).map(([key, value]) => [key, cut(value, maximumValueBytes)] as const),
    maximumDetailsBytes / 2,
  );
  const errorInfo = { reason: failure.reason, domain: errorDomain, metadata: Object.fromEntries(metadata) };
  const details = [packed('ErrorInfo', rpcMessage('ErrorInfo').serialize(errorInfo))];
  if (failure.fieldViolations.length > 0) {
    const fieldViolations = withinBytes(
      failure.fieldViolations.map(({ field, description }) => ({
        field: cut(field, maximumValueBytes),
        description: cut(description, maximumValueBytes),
      })),
      maximumDetailsBytes / 2,
    );
    details.push(packed('BadRequest', rpcMessage('BadRequest').serialize({ fieldViolations })));
  }
  const delayMs = retryDelayMs(failure);
  if (delayMs !== undefined) {
    const retryDelay = { seconds: Math.floor(delayMs / 1000), nanos: Math.floor(delayMs % 1000) * 1e6 };
    details.push(packed('RetryInfo', rpcMessage('RetryInfo').serialize({ retryDelay })));
  }
  return details;
}

/** How long to wait, where it is known: as the failure says itself, or as after any overload. */
function retryDelayMs({ reason, metadata }: Failure): number | undefined {
  const seconds = Number(metadata['retry_after_seconds']);
  if (!Number.isNaN(seconds)) return seconds * 1000;
  return reason === 'OVERLOADED' ? overloadRetryDelayMs : undefined;
}

function packed(typeName: string, value: Buffer): { type_url: string; value: Buffer } {
  return { type_url: `type.googleapis.com/google.rpc.${typeName}`, value };
}

/** What a terminal takes for commands: names in a graph, for example, are quoted by messages that people read there. */
const commandCharacters = /(?!\n)\p{Cc}/gu;

/** The text, or its beginning where it has more bytes in UTF-8. */
function cut(text: string, maximumBytes: number): string {
  // No character has less than a byte, so most of a long text need not be looked at.
  const shown = text.slice(0, maximumBytes + 1).replaceAll(commandCharacters, '?');
  const beginning = Buffer.from(shown);
  if (beginning.length <= maximumBytes) return shown;
  const ellipsis = '…';
  let end = maximumBytes - Buffer.byteLength(ellipsis);
  // Bytes 10xxxxxx go on with a character that began before.
  while (((beginning[end] ?? 0) & 0xc0) === 0x80) end--;
  return beginning.toString('utf8', 0, end) + ellipsis;
}

/** The first of the items, as many as have that many bytes together. */
function withinBytes<T>(items: readonly T[], maximumBytes: number): T[] {
  let bytes = 0;
  const overAt = items.findIndex((item) => (bytes += Buffer.byteLength(JSON.stringify(item))) > maximumBytes);
  return overAt < 0 ? [...items] : items.slice(0, overAt);
}
