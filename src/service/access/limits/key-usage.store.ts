import type { Database } from '../../platform/database/database.js';
import { counter, table, text } from '../../platform/database/table.js';

export const keyUsage = table('key_usage', {
  keyId: text().primary(),
  /** Of UTC: "2026-11-30". */
  day: text().primary(),
  images: counter(),
});
const columns = keyUsage.only('keyId', 'day', 'images');

/** Images that one key sent on one day. */
export interface KeyUsage {
  readonly keyId: string;
  readonly day: string;
  readonly images: number;
}

/** How many images each key has had looked at a day, of all replicas together. */
export class KeyUsageStore {
  constructor(private readonly database: Database) {}

  /**
   * Adds to the counts, and forgets days before the ones that are added to.
   * @returns the sums of all replicas
   */
  async add(usages: readonly KeyUsage[]): Promise<readonly KeyUsage[]> {
    // In one order, so that two replicas never wait for each other.
    const rows = usages.toSorted((a, b) => (a.keyId + a.day < b.keyId + b.day ? -1 : 1));
    const firstDay = rows.map(({ day }) => day).sort()[0] ?? '';
    await this.database.rows('DELETE FROM key_usage WHERE key_id = ANY($1) AND day < $2', [
      rows.map(({ keyId }) => keyId),
      firstDay,
    ]);
    return this.database.rowsOf(
      columns,
      `INSERT INTO key_usage (key_id, day, images)
       SELECT * FROM unnest($1::text[], $2::text[], $3::bigint[])
       ON CONFLICT (key_id, day) DO UPDATE SET images = key_usage.images + excluded.images
       RETURNING ${columns.sql()}`,
      [rows.map(({ keyId }) => keyId), rows.map(({ day }) => day), rows.map(({ images }) => images)],
    );
  }
}
