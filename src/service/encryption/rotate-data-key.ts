import { randomBytes } from 'node:crypto';
import type { Requester } from '../access/caller.js';
import type { BackgroundJobs } from '../jobs/background-jobs.js';
import type { Job } from '../jobs/job.js';
import { JobQueue } from '../jobs/job-queue.js';
import type { Database } from '../platform/database/database.js';
import { dataKeys } from '../platform/encryption/data-key-tables.js';
import { type DataKeys, holdDataKeys, masterKeyOf } from '../platform/encryption/data-keys.js';
import { jsonOf } from './key-rotation.js';

const keyBytes = 32;

/** Makes a new data key, by which all is sealed from now on, and queues the job that seals by it what is there. */
export class RotateDataKey {
  constructor(
    private readonly database: Database,
    private readonly keys: Pick<DataKeys, 'masters' | 'read'>,
    private readonly jobs: Pick<BackgroundJobs, 'wake'>,
  ) {}

  /** @throws Failure JOB_ALREADY_ACTIVE, ENCRYPTION_KEY_UNKNOWN, DATABASE_UNAVAILABLE */
  async execute(requester: Requester): Promise<Job> {
    const job = await this.database.transaction(async (sql) => {
      const rows = await holdDataKeys(sql);
      const newest = rows.at(-1);
      if (newest === undefined) throw new Error('the database has no data key');
      // By the master key in use: whoever knows that learns of the new key.
      const master = masterKeyOf(newest, this.keys.masters);
      const number = newest.number + 1;
      const queued = await new JobQueue(sql).enqueue({
        kind: 'key-rotation',
        singletonKey: '',
        input: jsonOf({ dataKey: number }),
        requester,
        details: { data_key: String(number) },
      });
      await sql.rows(
        'UPDATE data_keys SET retire_time = now() WHERE number = ANY ($1::integer[]) AND retire_time IS NULL',
        [rows.map((row) => row.number)],
      );
      const sealed = master.sealDataKey(number, randomBytes(keyBytes));
      await sql.insert(dataKeys, { number, masterKeyId: master.id, sealed });
      return queued;
    });
    await this.keys.read();
    this.jobs.wake('key-rotation');
    return job;
  }
}
