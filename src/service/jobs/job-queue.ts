import type { PageQuery } from '../platform/page.js';
import type { Requester } from '../access/caller.js';
import { Failure } from '../../core/failure.js';
import { isWorthRetrying, type Job, type JobState, type Json } from './job.js';
import { namesModel, toJob } from './job-rows.js';
import { type NewJob, queueJob } from './new-job.js';
import type { FailureRecord } from '../../core/failure-record.js';
import type { JobKind } from '../platform/configuration/job-kinds.js';
import { recordAuditEvent } from '../access/audit/audit-log.js';
import type { Sql } from '../platform/database/database.js';
import { jobs } from './job-tables.js';

const lost: FailureRecord = {
  reason: 'WORKER_LOST',
  message: 'The worker ended, or was out of reach, without giving the job back.',
};

const heartbeatColumn = jobs.only('cancelRequested');

/** An outdated claim finds no row: every claim moves the attempt. */
const whereClaimed = `WHERE id = $1 AND attempt = $2 AND state = 'running'`;

const nobodyWorks = `(state = 'queued' OR lease_end_time < now())`;

const giveBack = `UPDATE jobs SET state = CASE WHEN cancel_requested THEN 'cancelled' ELSE 'queued' END,
  end_time = CASE WHEN cancel_requested THEN now() END, lease_end_time = NULL, due_time = now()`;

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

/** How many jobs of a kind are in a state. */
export interface JobCount {
  readonly kind: JobKind;
  readonly state: JobState;
  readonly count: number;
}

/** The jobs that are meant. */
export interface JobSelection {
  readonly kind?: JobKind;
  readonly state?: JobState;
  readonly singletonKey?: string;
  /** Id of a version that the job was asked to do something with. */
  readonly modelVersion?: string;
}

/** The right to work on a job, until the lease is over or another attempt has begun. */
export interface JobLease {
  readonly jobId: string;
  readonly attempt: number;
  readonly leaseMs: number;
}

/** `cancelled`: stop and release it; `lost`: stop, it is another's or has ended. */
export type LeaseState = 'held' | 'cancelled' | 'lost';

/** What {@link JobQueue.list} goes by. */
export function jobOrderKey({ createTime, id }: Pick<Job, 'createTime' | 'id'>): string {
  return `${createTime.toISOString()} ${id}`;
}

/**
 * Jobs that replicas and workers share. Durable; all times are the database's. What an outdated claim asks for is not
 * done. Every method may throw Failure DATABASE_UNAVAILABLE.
 */
export class JobQueue {
  constructor(private readonly sql: Sql) {}

  /**
   * Queues it and records that in the audit log, in one transaction.
   * @throws Failure JOB_ALREADY_ACTIVE with the `job_id` of the one that has the singleton key
   */
  async enqueue(job: NewJob): Promise<Job> {
    return this.sql.transaction(async (sql) => queueJob(sql, job));
  }

  /** The job of these kinds that is due longest and the right to it; undefined where there is none. */
  async claim(
    kinds: readonly JobKind[],
    worker: string,
    leaseMs: number,
  ): Promise<{ readonly job: Job; readonly claim: JobLease } | undefined> {
    // Stored times are rounded to milliseconds, also upwards: what is due now must not wait for that.
    const [row] = await this.sql.rowsOf(
      jobs.all,
      `UPDATE jobs SET state = 'running', attempt = attempt + 1, worker = $2, start_time = now(),
         lease_end_time = now() + $3 * interval '1 millisecond'
       WHERE id = (
         SELECT id FROM jobs
         WHERE state = 'queued' AND end_time IS NULL AND due_time < now() + interval '1 millisecond' AND kind = ANY ($1::text[])
         ORDER BY due_time, create_time, id LIMIT 1 FOR UPDATE SKIP LOCKED)
       RETURNING ${jobs.all.sql()}`,
      [kinds, worker, leaseMs],
    );
    if (row === undefined) return undefined;
    const job = toJob(row);
    return { job, claim: { jobId: job.id, attempt: job.attempt, leaseMs } };
  }

  /** Renews the lease and, where given, records the progress. */
  async heartbeat({ jobId, attempt, leaseMs }: JobLease, progress?: Json): Promise<LeaseState> {
    const [row] = await this.sql.rowsOf(
      heartbeatColumn,

      `UPDATE jobs SET lease_end_time = now() + $3 * interval '1 millisecond', progress = coalesce($4, progress)
       ${whereClaimed} RETURNING ${heartbeatColumn.sql()}`,
      [jobId, attempt, leaseMs, progress === undefined ? null : JSON.stringify(progress)],
    );
    if (row === undefined) return 'lost';
    return row.cancelRequested ? 'cancelled' : 'held';
  }

  /**
   * Whether nobody else has the job, and it has not ended.
   * @param sql a transaction, until whose end nobody takes the job over
   */
  async isHeld({ jobId, attempt }: JobLease, sql: Sql = this.sql): Promise<boolean> {
    const rows = await sql.rows(`SELECT id FROM jobs ${whereClaimed} FOR SHARE`, [jobId, attempt]);
    return rows.length > 0;
  }

  /** @returns whether the claim was held */
  async complete({ jobId, attempt }: JobLease, output: Json): Promise<boolean> {
    const rows = await this.sql.rows(
      `UPDATE jobs SET state = 'succeeded', output = $3, failure = NULL, lease_end_time = NULL, end_time = now()
       ${whereClaimed} RETURNING id`,
      [jobId, attempt, JSON.stringify(output)],
    );
    return rows.length > 0;
  }

  /** Ends the attempt; the job too where it is not worth retrying or attempts are used up. @returns whether held */
  async fail({ jobId, attempt }: JobLease, failure: FailureRecord): Promise<boolean> {
    const rows = await this.sql.rows(
      `${failAttempt('$3::jsonb', '$4::boolean')} ${whereClaimed} RETURNING id`,
      [jobId, attempt, JSON.stringify(failure), isWorthRetrying(failure)],
    );
    return rows.length > 0;
  }

  /** Gives it back to be gone on with at once, or ends it where it was cancelled. @returns whether held */
  async release({ jobId, attempt }: JobLease): Promise<boolean> {
    const rows = await this.sql.rows(`${giveBack} ${whereClaimed} RETURNING id`, [jobId, attempt]);
    return rows.length > 0;
  }

  /** How many there are of each kind in each state, for operators. */
  async counts(): Promise<readonly JobCount[]> {
    return this.sql.rows('SELECT kind, state, count(*)::int AS count FROM jobs GROUP BY kind, state');
  }

  /** How long the oldest job that is due has waited for a worker, in seconds; 0 where none waits. */
  async oldestDueAgeSeconds(): Promise<number> {
    const [row] = await this.sql.rows<{ readonly seconds: number }>(
      `SELECT coalesce(extract(epoch FROM max(now() - due_time)), 0)::float8 AS seconds
       FROM jobs WHERE state = 'queued' AND due_time <= now()`,
    );
    return row?.seconds ?? 0;
  }

  /**
   * Takes over all that runs, where this process is the only one to work: what runs when it starts was left by one
   * that was killed.
   * @returns the jobs that ended by it, since they were cancelled or this was their last attempt
   */
  async takeAllFromLostWorkers(): Promise<readonly Job[]> {
    return this.takeFrom(`${failAttempt('$1::jsonb', 'true', 'now()')} WHERE state = 'running'`);
  }

  /** Gives back all that runs, as {@link release} does: of a database that was restored nobody has it. */
  async giveAllBack(): Promise<void> {
    await this.sql.rows(`${giveBack} WHERE state = 'running'`);
  }

  /**
   * Takes over the jobs whose leases are over. A worker that still lives learns it by its next heartbeat.
   * @returns the jobs that ended by it, since they were cancelled or this was their last attempt
   */
  async takeFromLostWorkers(): Promise<readonly Job[]> {
    return this.takeFrom(
      `${failAttempt('$1::jsonb', 'true')}
       WHERE id IN (SELECT id FROM jobs WHERE state = 'running' AND end_time IS NULL AND lease_end_time < now()
                    FOR UPDATE SKIP LOCKED)`,
    );
  }

  /**
   * Ends it at once where it is queued; tells its worker where it runs; does nothing where it ended. What it does it
   * records in the audit log, in the same transaction.
   * @throws Failure JOB_NOT_FOUND
   */
  async cancel(id: string, requester: Requester): Promise<Job> {
    const cancelled = await this.sql.transaction(async (sql) => {
      const [row] = await sql.rowsOf(
        jobs.all,
        `UPDATE jobs SET cancel_requested = true,
           state = CASE WHEN ${nobodyWorks} THEN 'cancelled' ELSE state END,
           end_time = CASE WHEN ${nobodyWorks} THEN now() END
         WHERE id = $1 AND end_time IS NULL RETURNING ${jobs.all.sql()}`,
        [id],
      );
      if (row === undefined) return undefined;
      const action = `${row.kind}.cancel` as const;
      await recordAuditEvent(sql, { ...requester, action, target: `jobs/${id}`, details: {} });
      return toJob(row);
    });
    return cancelled ?? this.get(id);
  }

  /** @throws Failure JOB_NOT_FOUND */
  async get(id: string): Promise<Job> {
    const [row] = await this.sql.rowsOf(jobs.all, `SELECT ${jobs.all.sql()} FROM jobs WHERE id = $1`, [id]);
    if (row !== undefined) return toJob(row);
    throw new Failure('JOB_NOT_FOUND', `There is no job ${id}, or it ended long ago. List those there are.`, {
      id,
    });
  }

  /** Newest first; the page key is the creation time and the id. */
  async list(
    { limit, after }: PageQuery,
    { kind, state, singletonKey, modelVersion }: JobSelection = {},
  ): Promise<readonly Job[]> {
    const [time = null, id = null] = after?.split(' ') ?? [];
    const rows = await this.sql.rowsOf(
      jobs.all,
      `SELECT ${jobs.all.sql()} FROM jobs
       WHERE ($1::timestamptz IS NULL OR (create_time, id) < ($1::timestamptz, $2::uuid))
         AND ($4::text IS NULL OR kind = $4) AND ($5::text IS NULL OR state = $5)
         AND ($6::text IS NULL OR singleton_key = $6) AND ($7::text IS NULL OR ${namesModel('$7')})
       ORDER BY create_time DESC, id DESC LIMIT $3`,
      [time, id, limit, kind ?? null, state ?? null, singletonKey ?? null, modelVersion ?? null],
    );
    return rows.map(toJob);
  }

  /** Forgets those that ended so long ago, but for assessments: they say why a model serves. @returns how many */
  async removeEnded(olderThanMs: number): Promise<number> {
    const rows = await this.sql.rows(
      `DELETE FROM jobs WHERE kind <> 'assessment' AND end_time < now() - $1 * interval '1 millisecond' RETURNING id`,
      [olderThanMs],
    );
    return rows.length;
  }

  private async takeFrom(update: string): Promise<readonly Job[]> {
    const rows = await this.sql.rowsOf(jobs.all, `${update} RETURNING ${jobs.all.sql()}`, [
      JSON.stringify(lost),
    ]);
    return rows.filter(({ endTime }) => endTime !== undefined).map(toJob);
  }
}
