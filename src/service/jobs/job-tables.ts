import type { EntitySchema } from 'typeorm';

import {
  bytes,
  cascade,
  json,
  moment,
  primary,
  real,
  table,
  text,
  time,
} from '../platform/database/columns.js';

const artifacts = table({
  name: 'artifacts',
  columns: {
    id: primary({ type: 'uuid' }, 'artifacts'),
    name: text,
    // Null while it is written.
    sha256: { ...bytes, nullable: true },
    size_bytes: { type: 'bigint', nullable: true },
    create_time: time,
    write_time: time,
  },
  indices: [{ name: 'ix_artifacts_name', columns: ['name'], unique: true, where: '(sha256 IS NOT NULL)' }],
});

const artifactChunks = table({
  name: 'artifact_chunks',
  columns: {
    artifact_id: primary({ type: 'uuid' }, 'artifact_chunks'),
    index: primary({ type: 'integer' }, 'artifact_chunks'),
    bytes,
  },
  foreignKeys: [cascade('artifact_chunks', 'artifact_id', 'artifacts', 'id')],
});

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

const trainingSchedules = table({
  name: 'training_schedules',
  columns: {
    // One row at most.
    id: primary(text, 'training_schedules'),
    cron: { ...text, nullable: true },
    time_zone: text,
    after_new_faces: { type: 'integer', nullable: true },
    policy: json,
    activate_when_passed: { type: 'boolean' },
    actor: text,
    // Another one after each change and each due time.
    revision: { type: 'uuid' },
    next_time: moment,
    faces_since_time: moment,
    outcome: { ...json, nullable: true },
    outcome_time: moment,
    update_time: time,
  },
});

/** What workers have to do, and the files that come of it. */
export const jobTables: readonly EntitySchema[] = [artifacts, artifactChunks, jobs, trainingSchedules];
