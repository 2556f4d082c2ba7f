import { flag, integer, json, moment, real, table, text, time, uuid } from '../platform/database/table.js';
import type { FailureRecord } from '../../core/failure-record.js';
import type { JobState, Json } from './job.js';
import type { JobKind } from '../platform/configuration/job-kinds.js';

/** What workers have to do, and have done. */
export const jobs = table(
  'jobs',
  {
    id: uuid().primary(),
    kind: text<JobKind>(),
    singletonKey: text().optional(),
    actor: text(),
    tenant: text(),
    input: json<Json>(),
    state: text<JobState>().default('queued'),
    attempt: integer().default(0),
    failedAttempts: integer().default(0),
    maximumAttempts: integer(),
    firstRetryDelayMs: real(),
    maximumRetryDelayMs: real(),
    cancelRequested: flag().default(false),
    // Whose last attempt it was.
    worker: text().optional(),
    leaseEndTime: moment().optional(),
    progress: json<Json>().optional(),
    output: json<Json>().optional(),
    failure: json<FailureRecord>().optional(),
    createTime: time(),
    dueTime: time(),
    startTime: moment().optional(),
    endTime: moment().optional(),
  },
  {
    indices: [
      { columns: ['kind', 'singletonKey'], unique: true, where: '(end_time IS NULL)' },
      { columns: ['dueTime', 'createTime', 'id'], where: '(end_time IS NULL)' },
      { columns: ['createTime', 'id'] },
    ],
  },
);
