import { randomUUID } from 'node:crypto';
import { beforeEach, expect, it } from 'vitest';
import { Failure } from '../../../src/core/failure.js';
import { changeBackbone } from '../../../src/service/lifecycle/activation/change-backbone.js';
import { ActiveModelStore } from '../../../src/service/models/serving/active-model.store.js';
import { AuditLog } from '../../../src/service/access/audit/audit-log.js';
import { CollectionStore } from '../../../src/service/enrolment/collections/collection.store.js';
import { EnrolledFaceStore } from '../../../src/service/enrolment/faces/enrolled-face.store.js';
import { PostgresGallerySource } from '../../../src/service/enrolment/gallery/postgres-gallery-source.js';
import { TemplateStore } from '../../../src/service/enrolment/faces/template.store.js';
import type { FaceToEmbed } from '../../../src/service/enrolment/faces/face-rows.js';
import type { AuditEntry } from '../../../src/service/access/audit-event.js';
import type { SubjectKey } from '../../../src/service/platform/resource-names.js';
import { describeOnEveryDatabase } from '../../support/databases.js';
import { enrolmentOf, newFace, someCaller, unitVector } from '../../support/enrolments.js';

const audit: AuditEntry = {
  actor: 'apiKeys/1',
  tenant: 'default',
  action: 'model.activate',
  target: 'modelVersions/net-2',
  details: {},
};

const requireHeld = () => Promise.resolve();

describeOnEveryDatabase('the active models', (test) => {
  let active: ActiveModelStore;
  let templates: TemplateStore;
  let faces: EnrolledFaceStore;
  let key: SubjectKey;
  const embed = (left: readonly FaceToEmbed[]) =>
    Promise.resolve(left.map(({ faceId }) => ({ faceId, embedding: unitVector(2) })));
  const enrol = (count: number, modelVersion = 'net-1') =>
    faces.enrol(
      enrolmentOf(
        key,
        Array.from({ length: count }, () => newFace()),
        { modelVersion },
      ),
    );

  beforeEach(async () => {
    const { database, keys } = test;
    await database.rows('DELETE FROM collections');
    await database.rows('DELETE FROM active_models');
    active = new ActiveModelStore(database);
    templates = new TemplateStore(database, keys);
    faces = new EnrolledFaceStore(database, keys);
    const collections = new CollectionStore(database);
    const collection = { tenant: 'default', collectionId: `people-${randomUUID().slice(0, 8)}` };
    const settings = { displayName: '', qualityGate: {}, searchable: false, defaultConsentToTrain: false };
    await collections.create(collection, settings, someCaller);
    key = { ...collection, subjectId: 'ada' };
  });

  it('are chosen once, which the audit log says', async () => {
    const startedAt = new Date(Date.now() - 1);
    expect(await active.active('backbone')).toBeUndefined();
    const choices = await Promise.all(['net-1', 'net-2', 'net-3'].map((id) => active.choose('backbone', id)));
    expect(new Set(choices.map(({ id }) => id)).size).toBe(1);
    expect(await active.active('detector')).toBeUndefined();
    expect((await active.active('backbone'))?.since.getTime()).toBeGreaterThan(Date.now() - 60_000);
    const recorded = await new AuditLog(test.database).list({ limit: 3, after: undefined });
    const target = `modelVersions/${choices[0]?.id ?? ''}`;
    expect(recorded[0]).toMatchObject({ actor: 'service', action: 'model.activate', target });
    // The two that came too late are not recorded.
    expect(recorded.filter(({ actor, time }) => actor === 'service' && time > startedAt)).toHaveLength(1);
  });

  it('change once every face has a template, the last ones in the same step', async () => {
    await active.choose('backbone', 'net-1');
    await enrol(5);
    expect(
      await changeBackbone({ active, templates }, 'net-2', audit, { requireHeld, mostFaces: 4, embed }),
    ).toEqual({
      kind: 'faces-left',
      count: 5,
    });
    expect((await active.active('backbone'))?.id).toBe('net-1');
    const [first] = await templates.facesWithout('net-2', undefined, 1);
    expect(Buffer.from(first!.crop!.encoded).toString()).toBe('the bytes of a crop');
    expect(await templates.add('net-2', [{ faceId: first!.faceId, embedding: unitVector(3) }])).toBe(1);
    expect(
      await changeBackbone({ active, templates }, 'net-2', audit, { requireHeld, mostFaces: 4, embed }),
    ).toEqual({
      kind: 'switched',
      previousId: 'net-1',
    });
    expect(await active.active('backbone')).toMatchObject({ id: 'net-2', previousId: 'net-1' });
    expect(await templates.countFacesWithout('net-2')).toBe(0);
    const [event] = await new AuditLog(test.database).list({ limit: 1, after: undefined });
    expect(event).toMatchObject(audit);
  });

  it('do not change where the last faces cannot be embedded', async () => {
    await active.choose('backbone', 'net-1');
    await enrol(2);
    const failing = () => Promise.reject(new Error('no worker'));
    await expect(
      changeBackbone({ active, templates }, 'net-2', audit, { requireHeld, mostFaces: 4, embed: failing }),
    ).rejects.toThrow('no worker');
    expect((await active.active('backbone'))?.id).toBe('net-1');
    expect(await templates.countFacesWithout('net-2')).toBe(2);
  });

  it('decide what can be enrolled: no face is ever without a template of the active one', async () => {
    await active.choose('backbone', 'net-1');
    let isChanging = true;
    let begin = (): void => undefined;
    // The embedded database leaves timers no turn while it has something to do.
    const begun = new Promise<void>((resolve) => (begin = resolve));
    const enrolling = Array.from({ length: 4 }, async () => {
      while (isChanging) if ((await enrol(1)) === 'stored') begin();
    });
    await begun;
    let outcome;
    do {
      let left: readonly FaceToEmbed[];
      do {
        left = await templates.facesWithout('net-2', undefined, 50);
        await templates.add('net-2', await embed(left));
      } while (left.length > 8);
      outcome = await changeBackbone({ active, templates }, 'net-2', audit, {
        requireHeld,
        mostFaces: 16,
        embed,
      });
    } while (outcome.kind !== 'switched');
    isChanging = false;
    await Promise.all(enrolling);
    expect(await templates.countFacesWithout('net-2')).toBe(0);
    expect(await enrol(1)).toBe('model-changed');
    expect(await enrol(1, 'net-2')).toBe('stored');
  });

  it('is the same change when it is asked for again', async () => {
    await active.choose('backbone', 'net-1');
    const change = () =>
      changeBackbone({ active, templates }, 'net-2', audit, { requireHeld, mostFaces: 8, embed });
    expect(await Promise.all([change(), change()])).toEqual([
      { kind: 'switched', previousId: 'net-1' },
      { kind: 'switched', previousId: 'net-1' },
    ]);
  });

  it('do not change at the hand of an attempt that another has followed', async () => {
    await active.choose('backbone', 'net-1');
    await enrol(1);
    const late = () => Promise.reject(new Failure('WORKER_LOST', 'another has it'));
    const change = changeBackbone({ active, templates }, 'net-2', audit, {
      requireHeld: late,
      mostFaces: 4,
      embed,
    });
    await expect(change).rejects.toMatchObject({ reason: 'WORKER_LOST' });
    expect((await active.active('backbone'))?.id).toBe('net-1');
  });

  it('keep their templates, and those of the one before, whoever removes the others', async () => {
    await active.choose('backbone', 'net-1');
    await enrol(1);
    await changeBackbone({ active, templates }, 'net-2', audit, { requireHeld, mostFaces: 4, embed });
    expect(await templates.removeAllBut(['net-0'], 100)).toBe(0);
    await changeBackbone({ active, templates }, 'net-3', audit, { requireHeld, mostFaces: 4, embed });
    expect(await templates.removeAllBut(['net-0'], 100)).toBe(1);
    expect(await templates.countFacesWithout('net-2')).toBe(0);
    expect(await templates.countFacesWithout('net-1')).toBe(1);
  });

  it('are followed by copies in memory: added templates have revisions of their own', async () => {
    await enrol(3);
    const source = new PostgresGallerySource(test.database);
    const before = await source.state(key);
    const missing = await templates.facesWithout('net-2', undefined, 10);
    await templates.add('net-2', (await embed(missing)).slice(0, 2));
    const now = await source.state(key);
    expect(BigInt(now.revision)).toBeGreaterThan(BigInt(before.revision));
    expect(now.faceCount).toBe(3);
    const start = { revision: '0', faceId: '00000000-0000-0000-0000-000000000000' };
    const read = await source.templates(now.uid, 'net-2', start, now.revision, 10);
    expect(read).toHaveLength(2);
  });

  it('add no template to a face that is gone, or has one', async () => {
    await enrol(1);
    const [face] = await templates.facesWithout('net-2', undefined, 10);
    const template = { faceId: face!.faceId, embedding: unitVector(2) };
    expect(await templates.add('net-2', [template, { ...template, faceId: randomUUID() }])).toBe(1);
    expect(await templates.add('net-2', [template])).toBe(0);
  });

  it('lose the templates of all versions but those that are kept', async () => {
    await enrol(3);
    for (const version of ['net-2', 'net-3'])
      await templates.add(version, await embed(await templates.facesWithout(version, undefined, 10)));
    expect(await templates.removeAllBut(['net-2', 'net-3'], 2)).toBe(2);
    expect(await templates.removeAllBut(['net-2', 'net-3'], 2)).toBe(1);
    expect(await templates.removeAllBut(['net-2', 'net-3'], 2)).toBe(0);
    expect(await templates.countFacesWithout('net-1')).toBe(3);
    expect(await templates.countFacesWithout('net-3')).toBe(0);
  });

  it('name a face whose crop cannot be decrypted, and hide no other', async () => {
    await enrol(2);
    await test.database.rows(
      "UPDATE faces SET sealed_crop = '\\x00'::bytea WHERE id = (SELECT id FROM faces ORDER BY id LIMIT 1)",
    );
    const found = await templates.facesWithout('net-2', undefined, 10);
    expect(found.map(({ crop }) => crop === undefined)).toEqual([true, false]);
  });
});
