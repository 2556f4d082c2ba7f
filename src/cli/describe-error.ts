import { RemoteFailure } from '../client/remote-failure.js';
import { adviceFor } from './advice.js';
import { describeConnection } from './describe-connection.js';

/** How the call that failed was made, for the advice. */
interface CallSettings {
  readonly server: string;
  readonly timeoutMs?: number;
}

/** What went wrong and what to do about it, in one line. */
export function describeError(error: unknown, call?: CallSettings): string {
  const description = error instanceof RemoteFailure ? describeRemote(error, call) : messageOf(error);
  return description.replaceAll(/\s*\n\s*/gu, ' ');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function describeRemote(failure: RemoteFailure, call: CallSettings | undefined): string {
  if (failure.reason === undefined) return describeTransport(failure, call);
  const retry = failure.retryDelayMs === undefined ? '' : `Wait ${waitWords(failure.retryDelayMs)}.`;
  return [
    `${failure.reason}: ${sentence(failure.message)}`,
    describeViolations(failure),
    adviceFor(failure.reason, failure.metadata),
    retry,
  ]
    .filter((part) => part !== '')
    .join(' ');
}

/** A time to wait, rounded up, in the largest unit that has two digits or one that people count in. */
function waitWords(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (ms <= 2_000) return `${Math.ceil(ms)} ms`;
  if (seconds <= 120) return `${seconds} s`;
  if (seconds <= 7_200) return `${Math.ceil(seconds / 60)} min`;
  return `${Math.ceil(seconds / 3600)} h`;
}

/** The violations of a failure for people; those that only repeat the message are left out. */
function describeViolations(failure: RemoteFailure): string {
  const news = failure.fieldViolations.filter(({ description }) => !failure.message.includes(description));
  return news.map(({ field, description }) => sentence(`${field}: ${description}`)).join(' ');
}

/** Describes an error that no SymFace code has stated a reason for. */
function describeTransport(failure: RemoteFailure, call: CallSettings | undefined): string {
  const at = call === undefined ? '' : ` at ${call.server}`;
  switch (failure.codeName) {
    case 'UNAVAILABLE':
      return describeConnection(failure.message, call?.server);
    case 'DEADLINE_EXCEEDED':
      return `The server${at} did not answer within ${call?.timeoutMs ?? 'the given'} ms. Allow more time with --timeout-ms.`;
    case 'UNIMPLEMENTED':
      return `The server${at} does not offer this call. Is it a SymFace server of this version?`;
    default:
      return `${failure.codeName}: ${sentence(failure.message)} The server's log tells more.`;
  }
}

function sentence(text: string): string {
  return /[.!?]$/u.test(text) ? text : `${text}.`;
}
