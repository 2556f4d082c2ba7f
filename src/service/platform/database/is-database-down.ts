import { Failure } from '../../../core/failure.js';

/** Whether something failed since the database cannot be reached for now, which passes by itself. */
export function isDatabaseDown(error: unknown): boolean {
  return error instanceof Failure && error.reason === 'DATABASE_UNAVAILABLE';
}
