import { randomUUID } from 'node:crypto';
import type { ClaimState, JobClaim, JobQueue, JobSelection, NewJob } from './job-queue.js';
import type { PageQuery } from '../platform/page.js';
import { Failure } from '../../core/failure.js';
import {
  defaultRetryPolicy,
  isWorthRetrying,
  type Job,
  type JobFailure,
  type JobKind,
  type JobState,
  type Json,
} from './job.js';
import type { Sql } from '../platform/database/database.js';

interface JobRow {
  readonly id: string;
  readonly kind: JobKind;
  readonly singleton_key: string | null;
  readonly input: Json;
  readonly state: JobState;
  readonly attempt: number;
  readonly failed_attempts: number;
  readonly maximum_attempts: number;
  readonly first_retry_delay_ms: number;
  readonly maximum_retry_delay_ms: number;
  readonly cancel_requested: boolean;
  readonly progress: Json;
  readonly output: Json;
  readonly failure: { readonly reason?: JobFailure['reason']; readonly message: string } | null;
  readonly create_time: Date;
  readonly due_time: Date;
  readonly start_time: Date | null;
  readonly end_time: Date | null;
}

const columns =
  'id, kind, singleton_key, input, state, attempt, failed_attempts, maximum_attempts, first_retry_delay_ms, ' +
  'maximum_retry_delay_ms, cancel_requested, progress, output, failure, create_time, due_time, start_time, end_time';

const lost: JobFailure = {
  reason: 'WORKER_LOST',
  message: 'The worker ended, or was out of reach, without giving the job back.',
};

/** An outdated claim finds no row: every claim moves the attempt. */
const whereClaimed = `WHERE id = $1 AND attempt = $2 AND state = 'running'`;

const nobodyWorks = `(state = 'queued' OR lease_end_time < now())`;

const backOff = `now() + interval '1 millisecond' *
      least(maximum_retry_delay_ms, first_retry_delay_ms * 2.0 ^ least(failed_attempts, 30))`;

/** Ends an attempt that failed: the job is over where it was cancelled, is not worth it, or attempts are used up. */
const failAttempt = (failure: string, isWorthIt: string, retryTime = backOff): string => `
  UPDATE jobs SET
    failed_attempts = failed_attempts + 1,
    failure = ${failure},
    lease_end_time = NULL,
    state = CASE WHEN cancel_requested THEN 'cancelled'
                 WHEN ${isWorthIt} AND failed_attempts + 1 < maximum_attempts THEN 'queued' ELSE 'failed' END,
    end_time = CASE WHEN NOT cancel_requested AND ${isWorthIt} AND failed_attempts + 1 < maximum_attempts
                    THEN NULL ELSE now() END,
    due_time = ${retryTime}`;

/** Jobs in a table; docs/adr/0008 says why it is none of a library's. */
export class PostgresJobQueue implements JobQueue {
  constructor(private readonly sql: Sql) {}

  async enqueue({
    kind,
    input,
    singletonKey,
    retry = defaultRetryPolicy,
    delayMs = 0,
  }: NewJob): Promise<Job> {
    const { maximumAttempts, firstDelayMs, maximumDelayMs } = retry;
    const [row] = await this.sql.rows<JobRow>(
      `INSERT INTO jobs (id, kind, singleton_key, input, maximum_attempts, first_retry_delay_ms,
         maximum_retry_delay_ms, due_time)
       VALUES ($1, $2, $3, $4, $5, $6, $7, now() + $8 * interval '1 millisecond')
       ON CONFLICT (kind, singleton_key) WHERE (end_time IS NULL) DO NOTHING RETURNING ${columns}`,
      [
        randomUUID(),
        kind,
        singletonKey ?? null,
        JSON.stringify(input),
        maximumAttempts,
        firstDelayMs,
        maximumDelayMs,
        delayMs,
      ],
    );
    return row === undefined ? this.throwAlreadyActive(kind, singletonKey ?? '') : toJob(row);
  }

  async claim(
    kinds: readonly JobKind[],
    worker: string,
    leaseMs: number,
  ): Promise<{ readonly job: Job; readonly claim: JobClaim } | undefined> {
    await this.takeFromLostWorkers();
    // Stored times are rounded to milliseconds, also upwards: what is due now must not wait for that.
    const [row] = await this.sql.rows<JobRow>(
      `UPDATE jobs SET state = 'running', attempt = attempt + 1, worker = $2, start_time = now(),
         lease_end_time = now() + $3 * interval '1 millisecond'
       WHERE id = (
         SELECT id FROM jobs
         WHERE state = 'queued' AND end_time IS NULL AND due_time < now() + interval '1 millisecond' AND kind = ANY ($1::text[])
         ORDER BY due_time, create_time, id LIMIT 1 FOR UPDATE SKIP LOCKED)
       RETURNING ${columns}`,
      [kinds, worker, leaseMs],
    );
    if (row === undefined) return undefined;
    const job = toJob(row);
    return { job, claim: { jobId: job.id, attempt: job.attempt, leaseMs } };
  }

  async heartbeat({ jobId, attempt, leaseMs }: JobClaim, progress?: Json): Promise<ClaimState> {
    const [row] = await this.sql.rows<Pick<JobRow, 'cancel_requested'>>(
      `UPDATE jobs SET lease_end_time = now() + $3 * interval '1 millisecond', progress = coalesce($4, progress)
       ${whereClaimed} RETURNING cancel_requested`,
      [jobId, attempt, leaseMs, progress === undefined ? null : JSON.stringify(progress)],
    );
    if (row === undefined) return 'lost';
    return row.cancel_requested ? 'cancelled' : 'held';
  }

  async complete({ jobId, attempt }: JobClaim, output: Json): Promise<boolean> {
    const rows = await this.sql.rows(
      `UPDATE jobs SET state = 'succeeded', output = $3, failure = NULL, lease_end_time = NULL, end_time = now()
       ${whereClaimed} RETURNING id`,
      [jobId, attempt, JSON.stringify(output)],
    );
    return rows.length > 0;
  }

  async fail({ jobId, attempt }: JobClaim, failure: JobFailure): Promise<boolean> {
    const rows = await this.sql.rows(
      `${failAttempt('$3::jsonb', '$4::boolean')} ${whereClaimed} RETURNING id`,
      [jobId, attempt, JSON.stringify(failure), isWorthRetrying(failure)],
    );
    return rows.length > 0;
  }

  async release({ jobId, attempt }: JobClaim): Promise<boolean> {
    const rows = await this.sql.rows(
      `UPDATE jobs SET state = CASE WHEN cancel_requested THEN 'cancelled' ELSE 'queued' END,
         end_time = CASE WHEN cancel_requested THEN now() END, lease_end_time = NULL, due_time = now()
       ${whereClaimed} RETURNING id`,
      [jobId, attempt],
    );
    return rows.length > 0;
  }

  /** How many there are of each kind in each state, for operators. */
  async counts(): Promise<
    readonly { readonly kind: JobKind; readonly state: JobState; readonly count: number }[]
  > {
    return this.sql.rows('SELECT kind, state, count(*)::int AS count FROM jobs GROUP BY kind, state');
  }

  /** Of assessments that have ended with one. */
  async verdicts(): Promise<{ readonly passed: number; readonly rejected: number }> {
    const [row] = await this.sql.rows<{ readonly passed: number; readonly rejected: number }>(
      `SELECT (count(*) FILTER (WHERE (output->>'hasPassed')::boolean))::int AS passed,
         (count(*) FILTER (WHERE NOT (output->>'hasPassed')::boolean))::int AS rejected
       FROM jobs WHERE kind = 'evaluation' AND state = 'succeeded'`,
    );
    return row ?? { passed: 0, rejected: 0 };
  }

  /** Where this process is the only one to work, what runs when it starts was left by one that was killed. */
  async takeAllFromLostWorkers(): Promise<void> {
    await this.sql.rows(`${failAttempt('$1::jsonb', 'true', 'now()')} WHERE state = 'running'`, [
      JSON.stringify(lost),
    ]);
  }

  async cancel(id: string): Promise<Job> {
    const [row] = await this.sql.rows<JobRow>(
      `UPDATE jobs SET cancel_requested = true,
         state = CASE WHEN ${nobodyWorks} THEN 'cancelled' ELSE state END,
         end_time = CASE WHEN ${nobodyWorks} THEN now() END
       WHERE id = $1 AND end_time IS NULL RETURNING ${columns}`,
      [id],
    );
    return row === undefined ? this.get(id) : toJob(row);
  }

  async get(id: string): Promise<Job> {
    const [row] = await this.sql.rows<JobRow>(`SELECT ${columns} FROM jobs WHERE id = $1`, [id]);
    if (row !== undefined) return toJob(row);
    throw new Failure('JOB_NOT_FOUND', `There is no job ${id}, or it ended long ago. List those there are.`, {
      id,
    });
  }

  async list(
    { limit, after }: PageQuery,
    { kind, state, singletonKey }: JobSelection = {},
  ): Promise<readonly Job[]> {
    const [time = null, id = null] = after?.split(' ') ?? [];
    const rows = await this.sql.rows<JobRow>(
      `SELECT ${columns} FROM jobs
       WHERE ($1::timestamptz IS NULL OR (create_time, id) < ($1::timestamptz, $2::uuid))
         AND ($4::text IS NULL OR kind = $4) AND ($5::text IS NULL OR state = $5)
         AND ($6::text IS NULL OR singleton_key = $6)
       ORDER BY create_time DESC, id DESC LIMIT $3`,
      [time, id, limit, kind ?? null, state ?? null, singletonKey ?? null],
    );
    return rows.map(toJob);
  }

  async removeEnded(olderThanMs: number): Promise<number> {
    const rows = await this.sql.rows(
      `DELETE FROM jobs WHERE kind <> 'evaluation' AND end_time < now() - $1 * interval '1 millisecond' RETURNING id`,
      [olderThanMs],
    );
    return rows.length;
  }

  /** Jobs whose leases are over. A worker that still lives learns it by its next heartbeat. */
  private async takeFromLostWorkers(): Promise<void> {
    await this.sql.rows(
      `${failAttempt('$1::jsonb', 'true')}
       WHERE id IN (SELECT id FROM jobs WHERE state = 'running' AND end_time IS NULL AND lease_end_time < now()
                    FOR UPDATE SKIP LOCKED)`,
      [JSON.stringify(lost)],
    );
  }

  private async throwAlreadyActive(kind: JobKind, key: string): Promise<never> {
    const [row] = await this.sql.rows<{ readonly id: string }>(
      'SELECT id FROM jobs WHERE kind = $1 AND singleton_key = $2 AND end_time IS NULL',
      [kind, key],
    );
    const message = `There is a ${kind} job for ${key} already. Wait for it, or cancel it.`;
    throw new Failure('JOB_ALREADY_ACTIVE', message, { key, ...(row && { job_id: row.id }) });
  }
}

function toJob(row: JobRow): Job {
  return {
    id: row.id,
    kind: row.kind,
    singletonKey: row.singleton_key ?? undefined,
    input: row.input,
    state: row.state,
    attempt: row.attempt,
    failedAttempts: row.failed_attempts,
    retry: {
      maximumAttempts: row.maximum_attempts,
      firstDelayMs: row.first_retry_delay_ms,
      maximumDelayMs: row.maximum_retry_delay_ms,
    },
    progress: row.progress,
    output: row.output,
    failure: row.failure === null ? undefined : { reason: row.failure.reason, message: row.failure.message },
    cancelRequested: row.cancel_requested,
    createTime: row.create_time,
    dueTime: row.due_time,
    startTime: row.start_time ?? undefined,
    endTime: row.end_time ?? undefined,
  };
}
