import { randomUUID } from 'node:crypto';
import type { ScheduleDecision, TrainingScheduleStore } from './training-schedule-store.js';
import type { AuditAction } from '../../access/audit-event.js';
import { type Caller, defaultTenant } from '../../access/caller.js';
import { Failure } from '../../../core/failure.js';
import type { JobFailure } from '../../jobs/job.js';
import type { RetrainingPolicy } from '../retraining/retraining-policy.js';
import { trainingInputOf } from '../retraining/training-job.js';
import {
  scheduleActor,
  type TrainingSchedule,
  type TrainingScheduleOutcome,
  type TrainingScheduleSettings,
} from './training-schedule.js';
import { recordAuditEvent } from '../../access/audit/audit-events.js';
import type { Database, Sql } from '../../platform/database/database.js';
import { PostgresJobQueue } from '../../jobs/postgres-job-queue.js';

interface ScheduleRow {
  readonly cron: string | null;
  readonly time_zone: string;
  readonly after_new_faces: number | null;
  readonly policy: Partial<RetrainingPolicy>;
  readonly activate_when_passed: boolean;
  readonly actor: string;
  readonly revision: string;
  readonly next_time: Date | null;
  readonly outcome: { readonly job_id?: string; readonly failure?: JobFailure } | null;
  readonly outcome_time: Date | null;
  readonly update_time: Date;
  readonly new_faces: string;
  readonly read_time: Date;
}

/** There is one row at most. */
const id = 'default';
const target = 'trainingSchedule';

/** The training schedule in a table with one row at most. */
export class PostgresTrainingScheduleStore implements TrainingScheduleStore {
  constructor(private readonly database: Database) {}

  async read(): Promise<TrainingSchedule | undefined> {
    await keepLastTraining(this.database);
    return readSchedule(this.database);
  }

  async put(
    { cron, timeZone, afterNewFaces, policy, activateWhenPassed }: TrainingScheduleSettings,
    { actor, tenant }: Caller,
    nextTime: (now: Date) => Date | undefined,
  ): Promise<TrainingSchedule> {
    return this.database.transaction(async (sql) => {
      const [clock] = await sql.rows<{ readonly now: Date }>('SELECT now() AS now');
      if (clock === undefined) throw new Error('the database has no clock');
      await sql.rows(
        `INSERT INTO training_schedules (id, cron, time_zone, after_new_faces, policy, activate_when_passed, actor,
           revision, next_time)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
         ON CONFLICT (id) DO UPDATE SET cron = excluded.cron, time_zone = excluded.time_zone,
           after_new_faces = excluded.after_new_faces, policy = excluded.policy,
           activate_when_passed = excluded.activate_when_passed, actor = excluded.actor,
           revision = excluded.revision, next_time = excluded.next_time, update_time = now()`,
        [
          id,
          cron ?? null,
          timeZone,
          afterNewFaces ?? null,
          JSON.stringify(policy),
          activateWhenPassed,
          actor,
          randomUUID(),
          nextTime(clock.now) ?? null,
        ],
      );
      await keepLastTraining(sql);
      const details = {
        ...(cron !== undefined && { cron, time_zone: timeZone }),
        ...(afterNewFaces !== undefined && { after_new_faces: String(afterNewFaces) }),
        activate_when_passed: String(activateWhenPassed),
      };
      await recordAuditEvent(sql, { actor, tenant, action: 'training-schedule.update', target, details });
      const schedule = await readSchedule(sql);
      if (schedule === undefined) throw new Error('a schedule that was just written is not there');
      return schedule;
    });
  }

  async remove({ actor, tenant }: Caller): Promise<boolean> {
    return this.database.transaction(async (sql) => {
      const rows = await sql.rows('DELETE FROM training_schedules WHERE id = $1 RETURNING id', [id]);
      const action: AuditAction = 'training-schedule.delete';
      if (rows.length > 0) await recordAuditEvent(sql, { actor, tenant, action, target, details: {} });
      return rows.length > 0;
    });
  }

  async settle(revision: string, decision: ScheduleDecision): Promise<TrainingScheduleOutcome | undefined> {
    return this.database.transaction(async (sql) => {
      // Whoever comes second waits for this row, and then finds that it is of another revision.
      const [row] = await sql.rows<{ readonly now: Date }>(
        `UPDATE training_schedules SET revision = $3, next_time = $4, outcome_time = now(),
           faces_since_time = CASE WHEN $5::boolean THEN now() ELSE faces_since_time END
         WHERE id = $1 AND revision = $2 RETURNING now() AS now`,
        [id, revision, randomUUID(), decision.nextTime ?? null, decision.countsAnew],
      );
      if (row === undefined) return undefined;
      const came = await carryOut(sql, decision.training);
      const outcome = { job_id: came.jobId, failure: came.failure };
      await sql.rows('UPDATE training_schedules SET outcome = $2 WHERE id = $1', [
        id,
        JSON.stringify(outcome),
      ]);
      return { time: row.now, ...came };
    });
  }
}

async function carryOut(
  sql: Sql,
  training: ScheduleDecision['training'],
): Promise<Omit<TrainingScheduleOutcome, 'time'>> {
  if ('failure' in training) return { jobId: undefined, failure: training.failure };
  try {
    const { id: jobId } = await new PostgresJobQueue(sql).enqueue(training.job);
    await recordAuditEvent(sql, {
      actor: scheduleActor,
      tenant: defaultTenant,
      action: 'training.create',
      target: `trainingJobs/${jobId}`,
      details: { parent: trainingInputOf(training.job.input).parent },
    });
    return { jobId, failure: undefined };
  } catch (error) {
    if (!(error instanceof Failure) || error.reason !== 'JOB_ALREADY_ACTIVE') throw error;
    return { jobId: undefined, failure: { reason: error.reason, message: error.message } };
  }
}

/** Jobs are forgotten after a while; since when faces are new must not be. */
async function keepLastTraining(sql: Sql): Promise<void> {
  await sql.rows(
    `UPDATE training_schedules SET faces_since_time = last.time
     FROM (SELECT max(create_time) AS time FROM jobs WHERE kind = 'training') last
     WHERE faces_since_time < last.time OR (faces_since_time IS NULL AND last.time IS NOT NULL)`,
  );
}

async function readSchedule(sql: Sql): Promise<TrainingSchedule | undefined> {
  const [row] = await sql.rows<ScheduleRow>(
    `SELECT cron, time_zone, after_new_faces, policy, activate_when_passed, actor, revision, next_time, outcome,
       outcome_time, update_time, now() AS read_time,
       CASE WHEN after_new_faces IS NULL THEN 0 ELSE (
         SELECT count(*) FROM faces f JOIN subjects s ON s.uid = f.subject_uid
         WHERE s.consent_to_train AND f.create_time > coalesce(faces_since_time, '-infinity')) END AS new_faces
     FROM training_schedules WHERE id = $1`,
    [id],
  );
  return row && toSchedule(row);
}

function toSchedule(row: ScheduleRow): TrainingSchedule {
  return {
    cron: row.cron ?? undefined,
    timeZone: row.time_zone,
    afterNewFaces: row.after_new_faces ?? undefined,
    policy: row.policy,
    activateWhenPassed: row.activate_when_passed,
    actor: row.actor,
    revision: row.revision,
    updateTime: row.update_time,
    nextTime: row.next_time ?? undefined,
    newFaces: Number(row.new_faces),
    lastOutcome:
      row.outcome === null || row.outcome_time === null
        ? undefined
        : { time: row.outcome_time, jobId: row.outcome.job_id, failure: row.outcome.failure },
    readTime: row.read_time,
  };
}
