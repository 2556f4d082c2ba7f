import { Code, ConnectError } from '@connectrpc/connect';
import { ErrorInfoSchema } from '../generated/google/rpc/error_details_pb.js';

/** What went wrong with a call, as people read it. */
export interface CallFailure {
  /** A sentence that says what to do. */
  readonly message: string;
  /** The reason of docs/errors.md, such as "FACE_NOT_FOUND"; empty where the service could not be asked. */
  readonly reason: string;
  /** The details of the reason, by name. */
  readonly details: Readonly<Record<string, string>>;
  readonly isUnauthenticated: boolean;
  /** The same call may succeed later: the connection broke, or the service cannot answer just now. */
  readonly isTemporary: boolean;
}

/** Reads the failure of a call; undefined where the page itself gave the call up. */
export function callFailure(error: unknown): CallFailure | undefined {
  if (error instanceof DOMException && error.name === 'AbortError') return undefined;
  const failure = ConnectError.from(error);
  if (failure.code === Code.Canceled) return undefined;
  const [info] = failure.findDetails(ErrorInfoSchema);
  // What fetch throws where nobody answers, as it is or wrapped.
  const isUnreachable =
    info === undefined && (error instanceof TypeError || failure.cause instanceof TypeError);
  return {
    message: isUnreachable
      ? 'The service does not answer. Is it running, and is this page from the same address?'
      : failure.rawMessage,
    reason: info?.reason ?? '',
    details: info?.metadata ?? {},
    isUnauthenticated: failure.code === Code.Unauthenticated,
    isTemporary: isUnreachable || temporaryCodes.has(failure.code),
  };
}

const temporaryCodes: ReadonlySet<Code> = new Set([Code.Unavailable, Code.ResourceExhausted, Code.Aborted]);
