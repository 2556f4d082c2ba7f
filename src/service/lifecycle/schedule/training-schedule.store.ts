import type { NewJob } from '../../jobs/new-job.js';
import { randomUUID } from 'node:crypto';
import type { AuditAction } from '../../access/audit-event.js';
import type { Caller } from '../../access/caller.js';
import { Failure } from '../../../core/failure.js';
import { type FailureRecord, toRecord } from '../../../core/failure-record.js';
import type { RetrainingPolicy } from '../retraining/retraining-policy.js';
import type {
  TrainingSchedule,
  TrainingScheduleOutcome,
  TrainingScheduleSettings,
} from './training-schedule.js';
import { recordAuditEvent } from '../../access/audit/audit-log.js';
import {
  flag,
  integer,
  json,
  moment,
  type RowOf,
  table,
  text,
  time,
  uuid,
} from '../../platform/database/table.js';
import type { Database, Sql, Transaction } from '../../platform/database/database.js';
import { JobQueue } from '../../jobs/job-queue.js';

/** One row at most. */
export const trainingSchedules = table('training_schedules', {
  id: text().primary(),
  cron: text().optional(),
  timeZone: text(),
  afterNewFaces: integer().optional(),
  policy: json<Partial<RetrainingPolicy>>(),
  activateWhenPassed: flag(),
  actor: text(),
  // Another one after each change and each due time.
  revision: uuid(),
  nextTime: moment().optional(),
  facesSinceTime: moment().optional(),
  outcome: json<Pick<TrainingScheduleOutcome, 'jobId' | 'failure'>>().optional(),
  outcomeTime: moment().optional(),
  updateTime: time(),
});

const id = 'default';
const target = 'trainingSchedule';

/** What is to come of a due time. */
export interface ScheduleDecision {
  /** What to queue, or why nothing is. */
  readonly training: { readonly job: NewJob } | { readonly failure: FailureRecord };
  /** The next due time by the clock. */
  readonly nextTime: Date | undefined;
  /** Whether new faces are counted from now on also where nothing is queued. */
  readonly countsAnew: boolean;
}

/** The one training schedule that replicas share. Every method may throw Failure DATABASE_UNAVAILABLE. */
export class TrainingScheduleStore {
  constructor(private readonly database: Database) {}

  async read(): Promise<TrainingSchedule | undefined> {
    await keepLastTraining(this.database);
    return readSchedule(this.database);
  }

  /**
   * Makes the schedule or replaces it, and records that; what came of the last due time stays.
   * @param nextTime the first due time after the database's; what it throws changes nothing
   */
  async put(
    { cron, timeZone, afterNewFaces, policy, activateWhenPassed }: TrainingScheduleSettings,
    { actor, tenant }: Caller,
    nextTime: (now: Date) => Date | undefined,
  ): Promise<TrainingSchedule> {
    return this.database.transaction(async (sql) => {
      const [clock] = await sql.rows<{ readonly now: Date }>('SELECT now() AS now');
      if (clock === undefined) throw new Error('the database has no clock');
      const settings = { cron, timeZone, afterNewFaces, policy, activateWhenPassed, actor };
      const row = { ...settings, revision: randomUUID(), nextTime: nextTime(clock.now) };
      const inserted = await sql.createUnlessThere(trainingSchedules, { id, ...row });
      if (inserted === undefined)
        await sql.update(trainingSchedules, { id }, { ...row, updateTime: () => 'now()' });
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

  /** Removes the schedule, and records that in the audit log. @returns whether there was one */
  async remove({ actor, tenant }: Caller): Promise<boolean> {
    return this.database.transaction(async (sql) => {
      const isThere = (await sql.delete(trainingSchedules, { id })) > 0;
      const action: AuditAction = 'training-schedule.delete';
      if (isThere) await recordAuditEvent(sql, { actor, tenant, action, target, details: {} });
      return isThere;
    });
  }

  /**
   * Does in one transaction what was decided about a due time. Where the model's line has a training already, that is
   * what came of it.
   * @param revision of the schedule that it was decided on
   * @returns undefined where another has settled it, or the schedule was changed: nothing is done then
   */
  async settle(revision: string, decision: ScheduleDecision): Promise<TrainingScheduleOutcome | undefined> {
    return this.database.transaction(async (sql) => {
      // Whoever comes second waits for this row, and then finds that it is of another revision.
      const now = (): string => 'now()';
      const [settled] = await sql.update(
        trainingSchedules,
        { id, revision },
        {
          revision: randomUUID(),
          nextTime: decision.nextTime,
          outcomeTime: now,
          ...(decision.countsAnew && { facesSinceTime: now }),
        },
      );
      if (settled?.outcomeTime === undefined) return undefined;
      const outcome = await carryOut(sql, decision.training);
      await sql.update(trainingSchedules, { id }, { outcome });
      return { time: settled.outcomeTime, ...outcome };
    });
  }
}

async function carryOut(
  sql: Transaction,
  training: ScheduleDecision['training'],
): Promise<Omit<TrainingScheduleOutcome, 'time'>> {
  if ('failure' in training) return { jobId: undefined, failure: training.failure };
  try {
    const { id: jobId } = await new JobQueue(sql).enqueue(training.job);
    return { jobId, failure: undefined };
  } catch (error) {
    if (!(error instanceof Failure) || error.reason !== 'JOB_ALREADY_ACTIVE') throw error;
    return { jobId: undefined, failure: toRecord(error) };
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
  const [row] = await sql.rowsOf<
    RowOf<typeof trainingSchedules>,
    Pick<TrainingSchedule, 'newFaces' | 'readTime'>
  >(
    trainingSchedules.all,
    `SELECT ${trainingSchedules.all.sql()}, now() AS "readTime",
       CASE WHEN after_new_faces IS NULL THEN 0 ELSE (
         SELECT count(*)::int FROM faces f JOIN subjects s ON s.uid = f.subject_uid
         WHERE s.consent_to_train AND f.sealed_crop IS NOT NULL AND f.create_time > coalesce(faces_since_time, '-infinity')) END AS "newFaces"
     FROM training_schedules WHERE id = $1`,
    [id],
  );
  if (row === undefined) return undefined;
  const { outcome, outcomeTime: time } = row;
  // JSON leaves out what is undefined.
  const lastOutcome = outcome && time && { time, jobId: outcome.jobId, failure: outcome.failure };
  return { ...row, lastOutcome };
}
