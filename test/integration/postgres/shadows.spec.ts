import { beforeEach, expect, it } from 'vitest';
import { AuditLog } from '../../../src/service/access/audit/audit-log.js';
import { ShadowStore } from '../../../src/service/lifecycle/shadow/shadow.store.js';
import type { AuditEntry } from '../../../src/service/access/audit-event.js';
import { countsOf, noShadowCounts } from '../../../src/service/lifecycle/shadow/shadow.js';
import { describeOnEveryDatabase } from '../../support/databases.js';

const audit: AuditEntry = {
  actor: 'apiKeys/1',
  tenant: 'default',
  action: 'shadow.start',
  target: 'modelVersions/net-2',
  details: { share: '0.1' },
};
const stop = { ...audit, action: 'shadow.stop' } as const;
const one = countsOf({ servingMatches: true, candidateMatches: false, servingMs: 1, candidateMs: 2 });

describeOnEveryDatabase('shadows', (test) => {
  let store: ShadowStore;

  beforeEach(async () => {
    await test.database.rows('DELETE FROM shadows');
    await test.database.rows('DELETE FROM active_models');
    store = new ShadowStore(test.database);
  });

  it('runs one candidate at a time, also of replicas that begin at once, and records who began it', async () => {
    const ids = ['net-2', 'net-3', 'net-4', 'net-5'];
    await Promise.all(ids.map(async (id) => store.start(id, 0.1, audit)));
    const running = (await store.list()).filter(({ stopTime }) => stopTime === undefined);
    expect(running).toHaveLength(1);
    expect(await store.running()).toEqual(running[0]);
    const stopped = await store.stop(stop);
    expect(stopped?.candidate).toBe(running[0]?.candidate);
    expect(await store.stop(stop)).toBeUndefined();
    expect(await store.running()).toBeUndefined();
    const [newest] = await new AuditLog(test.database).list({ limit: 1, after: undefined });
    expect(newest).toMatchObject({ action: 'shadow.stop', target: `modelVersions/${stopped?.candidate}` });
  });

  it('adds up what replicas count, and begins anew', async () => {
    const first = await store.start('net-2', 0.25, audit);
    expect(first).toMatchObject({ share: 0.25, counts: noShadowCounts, stopTime: undefined });
    await Promise.all(Array.from({ length: 5 }, async () => store.add(first, one)));
    expect((await store.running())?.counts).toMatchObject({ matchedByServingOnly: 5, candidateMs: 10 });
    const second = await store.start('net-2', 1, audit);
    expect(second.startTime.getTime()).toBeGreaterThan(first.startTime.getTime());
    await store.add(first, one);
    expect((await store.running())?.counts).toEqual(noShadowCounts);
    await store.stop(stop);
    await store.add(second, one);
    expect((await store.list())[0]?.counts).toEqual(noShadowCounts);
  });

  it('is over once the candidate serves', async () => {
    await store.start('net-2', 1, audit);
    await test.database.rows(`INSERT INTO active_models (kind, id) VALUES ('backbone', 'net-2')`);
    expect(await store.running()).toBeUndefined();
  });
});
