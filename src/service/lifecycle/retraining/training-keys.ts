import { deriveKey } from '../../../storage/encryption/secret-box.js';
import type { Sql } from '../../platform/database/database.js';
import { integer, table, uuid } from '../../platform/database/table.js';
import type { DataKeys } from '../../platform/encryption/data-keys.js';

/** The data keys that trainings need: their faces and checkpoints are sealed by keys that are derived from them. */
export const trainingKeys = table('training_keys', {
  jobId: uuid().primary().references('jobs', 'CASCADE'),
  dataKey: integer().references('data_keys'),
});

/**
 * The key of each training, which seals its snapshot and checkpoints from its first attempt to its last. Its process is given this
 * key alone, which opens nothing else; it is derived from a data key, which is not destroyed before the job has ended.
 */
export class TrainingKeys {
  constructor(
    private readonly sql: Sql,
    private readonly keys: DataKeys,
  ) {}

  /** A new key, of the data key that seals now. @throws Failure ENCRYPTION_KEY_UNKNOWN, DATABASE_UNAVAILABLE */
  async make(jobId: string): Promise<Uint8Array> {
    const { current: dataKey } = (await this.keys.toSeal()).numbered;
    await this.sql.rows(
      `INSERT INTO training_keys (job_id, data_key) VALUES ($1, $2)
       ON CONFLICT (job_id) DO UPDATE SET data_key = excluded.data_key`,
      [jobId, dataKey],
    );
    return this.derived(jobId, dataKey);
  }

  /** Undefined where none was made, as of trainings that began before there were any. @throws as {@link make} */
  async find(jobId: string): Promise<Uint8Array | undefined> {
    const row = await this.sql.first(trainingKeys, { where: { jobId } });
    return row && this.derived(jobId, row.dataKey);
  }

  /** What opens these values of enrolled faces. @throws as {@link make} */
  async toOpen(...[sealed]: Parameters<DataKeys['toOpen']>): ReturnType<DataKeys['toOpen']> {
    return this.keys.toOpen(sealed);
  }

  private async derived(jobId: string, dataKey: number): Promise<Uint8Array> {
    return deriveKey(await this.keys.key(dataKey), `training ${jobId}`);
  }
}
