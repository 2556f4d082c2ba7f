import type { JobKind } from '../platform/configuration/job-kinds.js';
import type { Sql } from '../platform/database/database.js';

/** The kinds of jobs that failed in the last hour. @throws Failure DATABASE_UNAVAILABLE */
export async function kindsOfFailedJobs(sql: Sql): Promise<readonly JobKind[]> {
  const rows = await sql.rows<{ readonly kind: JobKind }>(
    "SELECT DISTINCT kind FROM jobs WHERE state = 'failed' AND end_time > now() - interval '1 hour' ORDER BY kind",
  );
  return rows.map(({ kind }) => kind);
}
