import { defaultFalseMatchRate } from '../../../core/verification/operating-point.js';
import type { Requester } from '../../access/caller.js';
import { recordAuditEvent } from '../../access/audit/audit-log.js';
import type { Database } from '../../platform/database/database.js';
import { real, table, text, time } from '../../platform/database/table.js';
import type { OperatingPoint } from './operating-point.js';

/** One row; none as long as nobody has set another rate than the default. */
export const operatingPoints = table('operating_points', {
  id: text().primary(),
  falseMatchRate: real(),
  actor: text(),
  setTime: time(),
});

const id = 'default';

/** The one operating point that replicas share. Every method may throw Failure DATABASE_UNAVAILABLE. */
export class OperatingPointStore {
  constructor(private readonly database: Database) {}

  async current(): Promise<OperatingPoint> {
    const row = await this.database.first(operatingPoints, { where: { id } });
    if (row === undefined) return { falseMatchRate: defaultFalseMatchRate, set: undefined };
    const { falseMatchRate, actor, setTime } = row;
    return { falseMatchRate, set: { actor, time: setTime } };
  }

  /** Puts a rate in force and records both numbers in the audit log, in one transaction. */
  async set(falseMatchRate: number, requester: Requester): Promise<OperatingPoint> {
    return this.database.transaction(async (sql) => {
      const { actor } = requester;
      const set = { falseMatchRate, actor };
      // The row is there from here on, and held: of two who set a rate the second one replaces that of the first.
      const created = await sql.createUnlessThere(operatingPoints, { id, ...set });
      const [before] = await sql.rows<{ readonly rate: number }>(
        'SELECT false_match_rate AS rate FROM operating_points WHERE id = $1 FOR UPDATE',
        [id],
      );
      const previous = created === undefined ? before?.rate : defaultFalseMatchRate;
      const [row] = await sql.update(operatingPoints, { id }, { ...set, setTime: () => 'now()' });
      if (row === undefined) throw new Error('the operating point that was written is not there');
      await recordAuditEvent(sql, {
        ...requester,
        action: 'operating-point.set',
        target: 'operatingPoint',
        details: { false_match_rate: String(falseMatchRate), previous_false_match_rate: String(previous) },
      });
      return { falseMatchRate, set: { actor, time: row.setTime } };
    });
  }
}
