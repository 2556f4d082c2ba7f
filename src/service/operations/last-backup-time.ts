import type { Sql } from '../platform/database/database.js';

/** When the last backup was begun, as the audit log has it. @throws Failure DATABASE_UNAVAILABLE */
export async function lastBackupTime(sql: Sql): Promise<Date | undefined> {
  const [event] = await sql.rows<{ readonly time: Date }>(
    "SELECT time FROM audit_events WHERE action = 'backup.create' ORDER BY sequence DESC LIMIT 1",
  );
  return event?.time;
}
