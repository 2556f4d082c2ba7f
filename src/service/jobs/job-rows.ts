import type { RowOf } from '../platform/database/table.js';
import type { Job } from './job.js';
import type { jobs } from './job-tables.js';

/** A job as the database has it. */
export type JobRow = RowOf<typeof jobs>;

export function toJob({
  actor,
  tenant,
  maximumAttempts,
  firstRetryDelayMs,
  maximumRetryDelayMs,
  ...row
}: JobRow): Job {
  return {
    id: row.id,
    kind: row.kind,
    singletonKey: row.singletonKey,
    requester: { actor, tenant },
    input: row.input,
    state: row.state,
    attempt: row.attempt,
    failedAttempts: row.failedAttempts,
    retry: { maximumAttempts, firstDelayMs: firstRetryDelayMs, maximumDelayMs: maximumRetryDelayMs },
    progress: row.progress ?? null,
    output: row.output ?? null,
    failure: row.failure,
    cancelRequested: row.cancelRequested,
    createTime: row.createTime,
    dueTime: row.dueTime,
    startTime: row.startTime,
    endTime: row.endTime,
  };
}

/**
 * Whether a job was asked to do something with a model version: what each kind calls its versions differs, and an id is in
 * no other text of theirs.
 * @param parameter of the id, such as `$1`
 */
export function namesModel(parameter: string): string {
  return `position(to_jsonb(${parameter}::text)::text IN input::text) > 0`;
}
