import { inspect } from 'node:util';

import { Failure, type FailureReason, type FieldViolation } from './failure.js';

/**
 * An error as it is stored, and as it crosses the border of a process or a thread, where a {@link Failure} would lose its
 * class. JSON, Postgres' `jsonb` and structured clones leave it as it is.
 */
export interface FailureRecord {
  /** It is absent for a defect, whose message is for the log only. */
  readonly reason?: FailureReason;
  readonly message: string;
  /** It is absent where it is empty. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** They are absent where there are none. */
  readonly fieldViolations?: readonly FieldViolation[];
  /** The stack of a defect. */
  readonly stack?: string;
}

/** The record of whatever was thrown; what is no {@link Failure} is a defect. */
export function toRecord(error: unknown): FailureRecord {
  if (!(error instanceof Failure)) return defectRecord(error);
  const { reason, message, metadata, fieldViolations } = error;
  return {
    reason,
    message: storable(message),
    ...(Object.keys(metadata).length === 0 ? {} : { metadata: storableValues(metadata) }),
    ...(fieldViolations.length === 0 ? {} : { fieldViolations: fieldViolations.map(storableViolation) }),
  };
}

/** The {@link Failure} of a record; of a defect an Error with its message and its stack. */
export function fromRecord({ reason, message, metadata, fieldViolations, stack }: FailureRecord): Error {
  if (reason !== undefined) return new Failure(reason, message, metadata, fieldViolations);
  const defect = new Error(message);
  if (stack !== undefined) defect.stack = stack;
  return defect;
}

function defectRecord(error: unknown): FailureRecord {
  if (!(error instanceof Error))
    return { message: storable(typeof error === 'string' ? error : inspect(error)) };
  const { message, stack } = error;
  return { message: storable(message), ...(stack === undefined ? {} : { stack: storable(stack) }) };
}

function storableValues(metadata: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(metadata).map(([name, value]) => [storable(name), storable(value)]),
  );
}

function storableViolation({ field, description }: FieldViolation): FieldViolation {
  return { field: storable(field), description: storable(description) };
}

/** Postgres takes neither NUL nor half a surrogate pair; a file's name or a model's text may hold either. */
function storable(text: string): string {
  return text.replaceAll(
    /\0|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g,
    '\uFFFD',
  );
}
