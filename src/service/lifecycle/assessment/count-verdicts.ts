import type { Sql } from '../../platform/database/database.js';
import type { Verdicts } from './verdict-gauge.js';

/** Counts the verdicts of the assessments that have come to their end. */
export async function countVerdicts(sql: Pick<Sql, 'rows'>): Promise<Verdicts> {
  const [row] = await sql.rows<Verdicts>(
    `SELECT (count(*) FILTER (WHERE (output->>'hasPassed')::boolean))::int AS passed,
       (count(*) FILTER (WHERE NOT (output->>'hasPassed')::boolean))::int AS rejected
     FROM jobs WHERE kind = 'assessment' AND state = 'succeeded'`,
  );
  return row ?? { passed: 0, rejected: 0 };
}
