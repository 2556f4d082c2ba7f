import { hasErrorCode } from '../../storage/files/durable-files.js';
import type { Database, Transaction } from '../platform/database/database.js';
import { holdDataKeys } from '../platform/encryption/data-keys.js';
import { sealedColumns } from './sealed-columns.js';
import { trainingCounts } from './sealed-value.store.js';

/** What became of the keys that seal no more. */
export interface DestroyedKeys {
  readonly destroyed: readonly number[];
  /** Trainings that need one. */
  readonly trainings: number;
  /** Whether one key alone is left. */
  readonly isDone: boolean;
}

/** SQLSTATE of a foreign key: somebody has just written what the key opens. */
const isNeeded = '23503';

/** Removes data keys from the database that seal no more and that nothing needs. */
export class DestroyDataKeys {
  /**
   * @param knownAfterMs how long after a key was made every process knows it: before, one may be about to seal by the key before it.
   *   Should one be later, the foreign keys refuse what it writes or the removal, whichever comes second.
   */
  constructor(
    private readonly database: Database,
    private readonly knownAfterMs: number,
  ) {}

  /** @throws Failure DATABASE_UNAVAILABLE */
  async execute(): Promise<DestroyedKeys> {
    try {
      return await this.database.transaction(async (sql) => this.destroyIn(sql));
    } catch (error) {
      if (!hasErrorCode(error, isNeeded)) throw error;
      return { destroyed: [], trainings: 0, isDone: false };
    }
  }

  private async destroyIn(sql: Transaction): Promise<DestroyedKeys> {
    const numbers = (await holdDataKeys(sql)).map(({ number }) => number);
    const newest = Math.max(...numbers);
    // What trainings that have ended left behind needs no key.
    await sql.rows(
      `DELETE FROM training_keys WHERE job_id IN (SELECT id FROM jobs WHERE end_time IS NOT NULL)`,
    );
    const needs = sealedColumns.map(
      ({ table }) => `NOT EXISTS (SELECT 1 FROM ${table} WHERE data_key = number)`,
    );
    const removed = await sql.rows<{ readonly number: number }>(
      `DELETE FROM data_keys WHERE number <> $1 AND number = ANY ($2::integer[])
         AND (SELECT create_time FROM data_keys WHERE number = $1) < now() - $3 * interval '1 millisecond'
         AND NOT EXISTS (SELECT 1 FROM training_keys WHERE data_key = number) AND ${needs.join(' AND ')}
       RETURNING number`,
      [newest, numbers, this.knownAfterMs],
    );
    const destroyed = removed.map(({ number }) => number);
    const counts = await trainingCounts(sql);
    const left = numbers.filter((number) => number !== newest && !destroyed.includes(number));
    const trainings = left.reduce((sum, number) => sum + (counts.get(number) ?? 0), 0);
    return { destroyed, trainings, isDone: left.length === 0 };
  }
}
