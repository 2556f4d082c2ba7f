import { bytes, type Column, integer, moment, table, text, time } from '../database/table.js';

/** The data key of {@link dataKeys} that images are digested by: what it made is kept nowhere else, so it is never another. */
export const digestKeyNumber = 0;

/** The keys that faces are sealed by, themselves sealed by a master key. The newest seals; the others open until they are destroyed. */
export const dataKeys = table('data_keys', {
  number: integer().primary(),
  masterKeyId: text(),
  sealed: bytes(),
  createTime: time(),
  /** Since when it seals nothing any more. */
  retireTime: moment().optional(),
});

/** A known value sealed by the operator's key, of before there were data keys: it tells that key, once. */
export const encryptionChecks = table('encryption_checks', { id: integer().primary(), sealed: bytes() });

/**
 * The number of the key that opens a row's sealed value; undefined where there is none, or nothing opens it. The database keeps it to
 * what stands in the value, and keeps the key. Builds of before leave it out and seal by the first one.
 */
export function dataKey(): Column<number | undefined, false> {
  return integer().optional().default(1).references('data_keys');
}

/**
 * The condition that {@link dataKey} is the key that stands in a sealed value, as src/storage/encryption/secret-box.ts lays it out;
 * other bytes are no key's.
 * @param column with the value
 */
export function namesItsKey(column: string): string {
  return `data_key = CASE substring(${column} FROM 1 FOR 1)
    WHEN '\\x01'::bytea THEN 1
    WHEN '\\x02'::bytea THEN ('x' || encode(substring(${column} FROM 2 FOR 4), 'hex'))::bit(32)::integer END`;
}
