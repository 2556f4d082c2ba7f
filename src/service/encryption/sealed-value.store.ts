import { createHash } from 'node:crypto';
import type { Database, Sql } from '../platform/database/database.js';
import { type SealedColumn, sealedColumns } from './sealed-columns.js';

/** A value, by the primary key of its row. */
export interface SealedValue {
  readonly key: readonly unknown[];
  /** Null where the row has none. */
  readonly sealed: Uint8Array | null;
}

/** How many values of each column a data key seals. */
export type SealedCounts = Readonly<Record<SealedColumn['name'], number>>;

/** What is sealed, in whichever table. All methods may throw Failure DATABASE_UNAVAILABLE. */
export class SealedValueStore {
  constructor(private readonly database: Database) {}

  /** How many values each data key seals, by its number. */
  async counts(): Promise<ReadonlyMap<number, SealedCounts>> {
    const counts = new Map<number, Record<SealedColumn['name'], number>>();
    for (const { name, table, column } of sealedColumns) {
      const rows = await this.database.rows<{ readonly number: number; readonly count: number }>(
        `SELECT data_key AS number, count(*)::int AS count FROM ${table}
         WHERE data_key IS NOT NULL AND ${column} IS NOT NULL GROUP BY data_key`,
      );
      for (const { number, count } of rows) {
        const known = counts.get(number) ?? { crops: 0, templates: 0, measurements: 0 };
        counts.set(number, { ...known, [name]: count });
      }
    }
    return counts;
  }

  /** Values that other keys than this one seal, in the order of their rows after one of them, at most `limit`. */
  async sealedByOthers(
    of: SealedColumn,
    dataKey: number,
    after: SealedValue | undefined,
    limit: number,
  ): Promise<readonly SealedValue[]> {
    const names = of.key.map(([name]) => name).join(', ');
    const place = of.key.map(([, type], index) => `$${index + 3}::${type}`).join(', ');
    const rows = await this.database.rows<
      Readonly<Record<string, unknown>> & { readonly sealed: Buffer | null }
    >(
      `SELECT ${names}, ${of.column} AS sealed FROM ${of.table}
       WHERE data_key <> $1 ${after === undefined ? '' : `AND (${names}) > (${place})`} ORDER BY ${names} LIMIT $2`,
      [dataKey, limit, ...(after?.key ?? [])],
    );
    return rows.map((row) => ({ key: of.key.map(([name]) => row[name]), sealed: row.sealed }));
  }

  /**
   * Puts other bytes in the place of values, which a data key opens or none (undefined). What was deleted or changed meanwhile, or is being
   * changed, is passed over: no call waits for this, nor this for a call.
   * @returns how many were replaced
   */
  async replace(
    of: SealedColumn,
    values: readonly { readonly before: SealedValue; readonly sealed: Uint8Array | null }[],
    dataKey: number | undefined,
  ): Promise<number> {
    if (values.length === 0) return 0;
    const names = of.key.map(([name]) => name);
    const keyArrays = of.key.map(([, type], index) => `$${index + 4}::${type}[]`);
    const sameRow = (left: string, right: string): string =>
      names.map((name) => `${left}.${name} = ${right}.${name}`).join(' AND ');
    const rows = await this.database.rows(
      `WITH given AS (
         SELECT * FROM unnest($2::bytea[], $3::bytea[], ${keyArrays.join(', ')}) AS g (old_digest, new_value, ${names.join(', ')})),
       held AS MATERIALIZED (
         SELECT ${names.map((name) => `t.${name}`).join(', ')}, g.new_value FROM ${of.table} t JOIN given g ON ${sameRow('t', 'g')}
         WHERE sha256(t.${of.column}) IS NOT DISTINCT FROM g.old_digest FOR NO KEY UPDATE OF t SKIP LOCKED)
       UPDATE ${of.table} t SET ${of.column} = held.new_value, data_key = $1 FROM held WHERE ${sameRow('t', 'held')}
       RETURNING 1`,
      [
        dataKey ?? null,
        values.map(({ before: { sealed } }) => sealed && createHash('sha256').update(sealed).digest()),
        values.map(({ sealed }) => sealed && Buffer.from(sealed)),
        ...of.key.map((_column, index) => values.map(({ before: { key } }) => key[index])),
      ],
    );
    return rows.length;
  }

  /** The embedded database has no autovacuum: what was replaced would take its room for ever. */
  async reclaim(): Promise<void> {
    if (this.database.folder === undefined) return;
    await this.database.rows(`VACUUM ${sealedColumns.map(({ table }) => table).join(', ')}`);
  }
}

/** How many trainings that have not ended need each data key, by its number. */
export async function trainingCounts(sql: Sql): Promise<ReadonlyMap<number, number>> {
  const rows = await sql.rows<{ readonly number: number; readonly count: number }>(
    `SELECT t.data_key AS number, count(*)::int AS count FROM training_keys t JOIN jobs j ON j.id = t.job_id
     WHERE j.end_time IS NULL GROUP BY t.data_key`,
  );
  return new Map(rows.map(({ number, count }) => [number, count]));
}
