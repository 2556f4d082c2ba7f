import type { Sql } from '../platform/database/database.js';

/** When the last backup was begun, as the audit log has it. @throws Failure DATABASE_UNAVAILABLE */
export async function lastBackupTime(sql: Sql): Promise<Date | undefined> {
  const [event] = await sql.rows<{ readonly time: Date }>(
    "SELECT time FROM audit_events WHERE action = 'backup.create' ORDER BY sequence DESC LIMIT 1",
  );
  return event?.time;
}

/** Since when nothing was backed up: the last backup, or the first event where none was ever made. @throws Failure DATABASE_UNAVAILABLE */
export async function unsavedSince(sql: Sql): Promise<Date | undefined> {
  const last = await lastBackupTime(sql);
  if (last !== undefined) return last;
  const [first] = await sql.rows<{ readonly time: Date }>(
    'SELECT time FROM audit_events ORDER BY sequence LIMIT 1',
  );
  return first?.time;
}
