import { randomUUID } from 'node:crypto';
import { Failure } from '../../core/failure.js';
import { recordAuditEvent } from '../access/audit/audit-log.js';
import type { Requester } from '../access/caller.js';
import type { JobKind } from '../platform/configuration/job-kinds.js';
import type { Sql, Transaction } from '../platform/database/database.js';
import { defaultRetryPolicy, type Job, type Json, type RetryPolicy } from './job.js';
import { type JobRow, toJob } from './job-rows.js';
import { jobs } from './job-tables.js';

export interface NewJob {
  readonly kind: JobKind;
  readonly input: Json;
  /** The one who asks for it. */
  readonly requester: Requester;
  /** Counts and settings that are recorded in the audit log beside who asked. */
  readonly details: Readonly<Record<string, string>>;
  /**
   * The key of which one job of the kind at most is queued or running: for example a model line, of which one
   * training at a time is wanted.
   */
  readonly singletonKey?: string;
  readonly retry?: RetryPolicy;
  /** The least time from now until it is tried. */
  readonly delayMs?: number;
}

/**
 * Queues a job and records that in the audit log.
 * @throws Failure JOB_ALREADY_ACTIVE with the `job_id` of the one that has the singleton key
 */
export async function queueJob(sql: Transaction, job: NewJob): Promise<Job> {
  const { kind, requester, details, singletonKey = '' } = job;
  const row = await insertJob(sql, job);
  if (row === undefined) throw await alreadyActive(sql, kind, singletonKey);
  const target = `jobs/${row.id}`;
  await recordAuditEvent(sql, { ...requester, action: `${kind}.create`, target, details });
  return toJob(row);
}

/** @returns undefined where another one of its singleton key is active */
async function insertJob(sql: Sql, job: NewJob): Promise<JobRow | undefined> {
  const { kind, input, requester, singletonKey = null, retry = defaultRetryPolicy, delayMs = 0 } = job;
  const [row] = await sql.rowsOf(
    jobs.all,
    `INSERT INTO jobs (id, kind, singleton_key, actor, tenant, input, maximum_attempts, first_retry_delay_ms,
       maximum_retry_delay_ms, due_time)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, now() + $10 * interval '1 millisecond')
     ON CONFLICT (kind, singleton_key) WHERE (end_time IS NULL) DO NOTHING RETURNING ${jobs.all.sql()}`,
    [
      randomUUID(),
      kind,
      singletonKey,
      requester.actor,
      requester.tenant,
      JSON.stringify(input),
      retry.maximumAttempts,
      retry.firstDelayMs,
      retry.maximumDelayMs,
      delayMs,
    ],
  );
  return row;
}

async function alreadyActive(sql: Sql, kind: JobKind, key: string): Promise<Failure> {
  const [row] = await sql.rows<{ readonly id: string }>(
    'SELECT id FROM jobs WHERE kind = $1 AND singleton_key = $2 AND end_time IS NULL',
    [kind, key],
  );
  const message = `There is a job of the kind ${kind} for ${key} already. Wait for it, or cancel it.`;
  return new Failure('JOB_ALREADY_ACTIVE', message, { key, ...(row && { job_id: row.id }) });
}
