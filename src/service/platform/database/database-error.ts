import { Failure } from '../../../core/failure.js';

/** Class 08: connection; 53: out of disk, memory or connections; 57P: the server stops or starts. */
const unavailablePattern = /^(?:08|53|57P)/u;
/** 40001: serialisation failure; 40P01: deadlock. The database has rolled the transaction back. */
const conflictClass = '40';
/** The connection ended in the middle: whether the last statement took effect was not said. */
const cutPattern = /^(?:08|57P0[12]|ECONNRESET|EPIPE|ETIMEDOUT)/u;
/** 25006: a write to a standby, or to a database that was set so. */
const readOnlyState = '25006';
/** 57014: statement_timeout, or an operator's cancel; 55P03: lock_timeout; 25P03, 25P04: of transactions. */
const timeLimitStates: ReadonlySet<string> = new Set(['57014', '55P03', '25P03', '25P04']);
const networkCodes = new Set(['ECONNREFUSED', 'ECONNRESET', 'ENOTFOUND', 'EPIPE', 'ETIMEDOUT', 'EAI_AGAIN']);
/** "Released" is TypeORM's, of a transaction whose connection has ended before its next statement. */
const cutMessages = /Connection terminated|query runner (?:was )?already released/iu;
const connectionMessages =
  /Connection terminated|query runner (?:was )?already released|timeout exceeded when trying to connect|Client has encountered/iu;
/**
 * Classes whose messages name things of the schema and the server alone. Those of others quote values: "invalid input
 * syntax for type integer: …".
 */
const messageWithoutValues = /^(?:08|25|28|3D|3F|40|42|53|54|55|57|58|P0001$)/u;

/**
 * An error of the database without what was sent to it: parameters, rows and the values that its own text quotes are
 * faces' landmarks, names and hashes of keys, and errors go to the log.
 */
class DatabaseError extends Error {
  override readonly name = 'DatabaseError';

  constructor(
    message: string,
    /** SQLSTATE. */
    readonly code: string,
  ) {
    super(message);
  }
}

/**
 * What an error of the database is for whoever asked: Failure DATABASE_UNAVAILABLE, DatabaseError, or what it was.
 * @param mayHaveChanged whether a change was being committed: where the connection ends then, nobody knows what became of it
 */
export function translatedDatabaseError(error: unknown, mayHaveChanged = false): unknown {
  if (!(error instanceof Error) || error instanceof Failure) return error;
  const code = codeOf(error);
  const unavailable = mayHaveChanged && isCut(error, code) ? unknownOutcome : unavailability(error, code);
  if (unavailable !== undefined) {
    const [cause, message] = unavailable;
    return new Failure('DATABASE_UNAVAILABLE', message, { cause }, [], { cause: withoutValues(error) });
  }
  return withoutValues(error);
}

/** The error without values, at any depth of its causes; what is none of the database's stays as it is. */
export function withoutValues(error: Error): Error {
  const code = codeOf(error);
  if (code !== undefined && isOfDatabase(error)) return new DatabaseError(describe(error, code), code);
  if (isOfDatabase(error)) return new DatabaseError('the database driver failed', 'unknown');
  return error;
}

/** TypeORM's own keeps the statement and its parameters; the drivers' have what the server's message had. */
function isOfDatabase(error: Error): boolean {
  return 'parameters' in error || 'params' in error || 'driverError' in error || 'severity' in error;
}

function describe(error: Error, code: string): string {
  const { constraint, table, column } = error as Error & {
    readonly table?: unknown;
    readonly column?: unknown;
    readonly constraint?: unknown;
  };
  const text =
    messageWithoutValues.test(code) || networkCodes.has(code) ? error.message : 'its message is left out';
  const where = Object.entries({ table, column, constraint }).flatMap(([kind, name]) =>
    typeof name === 'string' ? [`${kind} ${name}`] : [],
  );
  return [`database error ${code}: ${text}`, ...where].join(', ');
}

const unknownOutcome = [
  'outcome-unknown',
  'The connection to the database broke before it said whether the change was made: it may be there, or not. Look before ' +
    'you try again; an enrolment with a request_id may be repeated as it is.',
] as const;

function isCut(error: Error, code: string | undefined): boolean {
  return code === undefined ? cutMessages.test(error.message) : cutPattern.test(code);
}

function unavailability(error: Error, code: string | undefined): readonly [string, string] | undefined {
  if (code === readOnlyState) {
    return [
      'read-only',
      'The database takes no changes now: it is read-only, as a standby is. Nothing was changed. Try again later.',
    ];
  }
  if (code !== undefined && timeLimitStates.has(code)) {
    return [
      'time-limit',
      'The database gave up at its own time limit. Nothing was changed. Try again later.',
    ];
  }
  if (code?.startsWith(conflictClass) === true) {
    return [
      'conflict',
      'Other calls changed the same rows at the same time, and the database gave this one up. Nothing was changed. Try again.',
    ];
  }
  const isGone =
    code === undefined
      ? connectionMessages.test(error.message)
      : networkCodes.has(code) || unavailablePattern.test(code);
  return isGone
    ? ['no-answer', 'The database does not answer or has no room left. Nothing was changed. Try again later.']
    : undefined;
}

/** The SQLSTATE of a database error, or the code of the network's; undefined where it has none. */
function codeOf(error: Error): string | undefined {
  const { code } = error as { readonly code?: unknown };
  return typeof code === 'string' ? code : undefined;
}
