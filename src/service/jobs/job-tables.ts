import type { EntitySchema } from 'typeorm';

import { json, moment, primary, real, table, text, time } from '../platform/database/columns.js';

const jobs = table({
  name: 'jobs',
  columns: {
    id: primary({ type: 'uuid' }, 'jobs'),
    kind: text,
    singleton_key: { ...text, nullable: true },
    input: json,
    state: { ...text, default: 'queued' },
    attempt: { type: 'integer', default: 0 },
    failed_attempts: { type: 'integer', default: 0 },
    maximum_attempts: { type: 'integer' },
    first_retry_delay_ms: real,
    maximum_retry_delay_ms: real,
    cancel_requested: { type: 'boolean', default: false },
    // Whose last attempt it was.
    worker: { ...text, nullable: true },
    lease_end_time: moment,
    progress: { ...json, nullable: true },
    output: { ...json, nullable: true },
    failure: { ...json, nullable: true },
    create_time: time,
    due_time: time,
    start_time: moment,
    end_time: moment,
  },
  indices: [
    {
      name: 'ix_jobs_kind_singleton_key',
      columns: ['kind', 'singleton_key'],
      unique: true,
      where: '(end_time IS NULL)',
    },
    { name: 'ix_jobs_due_time', columns: ['due_time', 'create_time', 'id'], where: '(end_time IS NULL)' },
    { name: 'ix_jobs_create_time_id', columns: ['create_time', 'id'] },
  ],
});

/** What workers have to do. */
export const jobTables: readonly EntitySchema[] = [jobs];
