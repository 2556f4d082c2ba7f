import { beforeEach, expect, it } from 'vitest';
import { AuditLog } from '../../../src/service/access/audit/audit-log.js';
import { ActiveModelStore } from '../../../src/service/models/serving/active-model.store.js';
import { JobQueue } from '../../../src/service/jobs/job-queue.js';
import { markDeleted } from '../../../src/service/lifecycle/deletion/mark-deleted.js';
import { registeredModels } from '../../../src/service/models/registry/registered-models.js';
import { ShadowStore } from '../../../src/service/lifecycle/shadow/shadow.store.js';
import type { AuditEntry } from '../../../src/service/access/audit-event.js';
import { describeOnEveryDatabase } from '../../support/databases.js';
import { tinyManifest as manifest } from '../../support/tiny-bundle.js';
import { someCaller } from '../../support/enrolments.js';
import { someJob } from '../../support/jobs.js';

const [serving, previous, other] = ['net-000000000001', 'net-000000000002', 'net-000000000003'];
/** Its id begins that of the others. */
const similar = 'net-00000000000';

describeOnEveryDatabase('deleted models', (test) => {
  let active: ActiveModelStore;
  const audit = (id: string, action: AuditEntry['action'] = 'model.delete'): AuditEntry => ({
    actor: 'apiKeys/1',
    tenant: 'default',
    action,
    target: `modelVersions/${id}`,
    details: {},
  });
  const remove = (id: string, what: 'allowed' | 'refused' = 'allowed') =>
    markDeleted(test.database, id, what, audit(id));
  const register = (id: string) =>
    test.database.insert(registeredModels, { id, contractDigest: id, manifest, createTime: new Date() });
  const deleteTimeOf = async (id: string) =>
    (await test.database.first(registeredModels, { where: { id } }))?.deleteTime;
  const switchTo = (id: string) => active.change('backbone', id, audit(id, 'model.activate'));

  beforeEach(async () => {
    const { database } = test;
    for (const table of ['collections', 'active_models', 'registered_models', 'jobs', 'shadows'])
      await database.rows(`DELETE FROM ${table}`);
    for (const id of [serving, previous, other, similar]) await register(id);
    active = new ActiveModelStore(database);
    await active.choose('backbone', previous);
    await switchTo(serving);
  });

  it('are not what serves, nor what served before unless that is wanted', async () => {
    expect(await remove(serving)).toEqual({ kind: 'serving' });
    expect(await remove(previous, 'refused')).toEqual({ kind: 'previous' });
    expect(await deleteTimeOf(previous)).toBeUndefined();
    expect(await remove(previous)).toEqual({ kind: 'deleted' });
    expect(await deleteTimeOf(previous)).toBeInstanceOf(Date);
    expect(await active.active('backbone')).toMatchObject({ id: serving, previousId: undefined });
    const [event] = await new AuditLog(test.database).list({ limit: 1, after: undefined });
    expect(event).toMatchObject(audit(previous));
  });

  it('are none that a job names which has not ended, or that decides in the shadow', async () => {
    const queue = new JobQueue(test.database);
    const job = await queue.enqueue({
      ...someJob,
      kind: 'assessment',
      input: { candidate: other, policy: {} },
    });
    expect(await remove(other)).toEqual({ kind: 'in-job', jobId: job.id });
    // A name that goes on is another one.
    expect(await remove('net-00000000000')).toEqual({ kind: 'deleted' });
    await queue.cancel(job.id, someCaller);
    const shadows = new ShadowStore(test.database);
    await shadows.start(other, 0.5, audit(other, 'shadow.start'));
    expect(await remove(other)).toEqual({ kind: 'in-shadow' });
    await shadows.stop(audit(other, 'shadow.stop'));
    expect(await remove(other)).toEqual({ kind: 'deleted' });
  });

  it('cannot be activated, until they are registered once more', async () => {
    await remove(other);
    await expect(switchTo(other)).rejects.toMatchObject({ reason: 'MODEL_NOT_FOUND' });
    await expect(active.change('detector', other, audit(other, 'model.activate'))).rejects.toMatchObject({
      reason: 'MODEL_NOT_FOUND',
    });
    await expect(remove(other)).rejects.toMatchObject({ reason: 'MODEL_NOT_FOUND' });
    await test.database.delete(registeredModels, { id: other });
    await register(other);
    expect(await switchTo(other)).toEqual({ previousId: serving });
  });
});
