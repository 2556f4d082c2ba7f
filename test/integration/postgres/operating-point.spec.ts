import { expect, it } from 'vitest';
import { AuditLog } from '../../../src/service/access/audit/audit-log.js';
import { OperatingPointStore } from '../../../src/service/verification/operating-point/operating-point.store.js';
import { describeOnEveryDatabase } from '../../support/databases.js';
import { someCaller } from '../../support/enrolments.js';

describeOnEveryDatabase('the operating point', (test) => {
  it('is 1e-3 by nobody, then what was set last; the audit log has both numbers of each change', async () => {
    const store = new OperatingPointStore(test.database);
    expect(await store.current()).toEqual({ falseMatchRate: 1e-3, set: undefined });
    const before = Date.now();
    await store.set(1e-2, someCaller);
    const other = { ...someCaller, actor: 'apiKeys/other' };
    await store.set(1e-4, other);
    const { falseMatchRate, set } = await new OperatingPointStore(test.database).current();
    expect([falseMatchRate, set?.actor]).toEqual([1e-4, 'apiKeys/other']);
    expect(set!.time.getTime()).toBeGreaterThanOrEqual(before - 1_000);
    const events = await new AuditLog(test.database).list({ limit: 10, after: undefined });
    const sets = events.filter(({ action }) => action === 'operating-point.set');
    expect(sets.map(({ actor, target, details }) => ({ actor, target, details }))).toEqual([
      {
        actor: 'apiKeys/other',
        target: 'operatingPoint',
        details: { false_match_rate: '0.0001', previous_false_match_rate: '0.01' },
      },
      {
        actor: someCaller.actor,
        target: 'operatingPoint',
        details: { false_match_rate: '0.01', previous_false_match_rate: '0.001' },
      },
    ]);
  });

  it('is one, whoever sets it at the same time', async () => {
    const store = new OperatingPointStore(test.database);
    await Promise.all([1e-2, 1e-3, 1e-4].map(async (rate) => store.set(rate, someCaller)));
    expect(await test.database.rows('SELECT id FROM operating_points')).toEqual([{ id: 'default' }]);
  });
});
