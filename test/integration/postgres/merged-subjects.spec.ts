import { randomUUID } from 'node:crypto';
import { beforeEach, expect, it } from 'vitest';

import { AuditLog } from '../../../src/service/access/audit/audit-log.js';
import { CollectionStore } from '../../../src/service/enrolment/collections/collection.store.js';
import { EnrolledFaceStore } from '../../../src/service/enrolment/faces/enrolled-face.store.js';
import { PostgresGallerySource } from '../../../src/service/enrolment/gallery/postgres-gallery-source.js';
import { MergeSubjects } from '../../../src/service/enrolment/subjects/merge-subjects.js';
import { SubjectStore } from '../../../src/service/enrolment/subjects/subject.store.js';
import { type CollectionKey, subjectName } from '../../../src/service/platform/resource-names.js';
import { describeOnEveryDatabase } from '../../support/databases.js';
import { enrolmentOf, newFace, someCaller, unitVector } from '../../support/enrolments.js';

describeOnEveryDatabase('merged subjects', (test) => {
  let collections: CollectionStore;
  let subjects: SubjectStore;
  let faces: EnrolledFaceStore;
  let source: PostgresGallerySource;
  let merge: MergeSubjects;
  let collection: CollectionKey;

  const key = (subjectId: string) => ({ ...collection, subjectId });
  const name = (subjectId: string) => subjectName(key(subjectId));
  const enrol = async (subjectId: string, count: number): Promise<string[]> => {
    const made = Array.from({ length: count }, (_, index) => newFace(unitVector(index)));
    expect(await faces.enrol(enrolmentOf(key(subjectId), made))).toBe('stored');
    return made.map(({ id }) => id);
  };
  const into = async (target: string, merged: string) =>
    merge.execute(name(target), name(merged), someCaller);
  const consent = async (subjectId: string) => (await subjects.get(key(subjectId))).consentToTrain;
  const allow = async (subjectId: string) =>
    subjects.update(key(subjectId), { consentToTrain: true }, someCaller);

  beforeEach(async () => {
    collections = new CollectionStore(test.database);
    subjects = new SubjectStore(test.database);
    faces = new EnrolledFaceStore(test.database, test.keys);
    source = new PostgresGallerySource(test.database);
    merge = new MergeSubjects(test.database);
    collection = { tenant: 'default', collectionId: `c-${randomUUID()}` };
    const settings = { displayName: '', qualityGate: {}, searchable: false, defaultConsentToTrain: false };
    await collections.create(collection, settings, someCaller);
  });

  it('give their faces, by their ids, and are gone', async () => {
    const kept = await enrol('ada', 2);
    const moved = await enrol('ada-2', 3);
    const { subject, movedFaceCount } = await into('ada', 'ada-2');
    expect([movedFaceCount, subject.id, subject.faceCount]).toEqual([3, 'ada', 5]);
    const all = await faces.list(key('ada'), { limit: 10, after: undefined });
    expect(all.map(({ id }) => id).sort()).toEqual([...kept, ...moved].sort());
    expect((await faces.templatesOf(key('ada'), 'net-1')).templates).toHaveLength(5);
    expect(await collections.get(collection)).toMatchObject({ subjectCount: 1, faceCount: 5 });
    const [event] = await new AuditLog(test.database).list({ limit: 1, after: undefined });
    expect(event).toMatchObject({
      action: 'subject.merge',
      target: name('ada'),
      details: { source: name('ada-2'), face_count: '3' },
    });
  });

  it('say where their faces are, however they are asked for', async () => {
    const [faceId = ''] = await enrol('ada-2', 1);
    await enrol('ada', 1);
    await enrol('ada-1', 1);
    await into('ada-1', 'ada-2');
    // Merged once more: who asks for the first id learns of the last one.
    await into('ada', 'ada-1');
    const merged = { reason: 'SUBJECT_MERGED', metadata: { name: name('ada-2'), target: name('ada') } };
    await expect(subjects.get(key('ada-2'))).rejects.toMatchObject(merged);
    await expect(subjects.delete(key('ada-2'), someCaller)).rejects.toMatchObject(merged);
    await expect(faces.get({ ...key('ada-2'), faceId })).rejects.toMatchObject(merged);
    await expect(enrol('ada-2', 1)).rejects.toMatchObject(merged);
    await expect(into('ada', 'ada-2')).rejects.toMatchObject(merged);
    expect((await faces.get({ ...key('ada'), faceId })).id).toBe(faceId);
  });

  it('give their id to a new person where one is created, or where the other is deleted', async () => {
    for (const subjectId of ['ada', 'bob', 'cyd']) await enrol(subjectId, 1);
    await into('ada', 'bob');
    await into('ada', 'cyd');
    await subjects.create(key('bob'), { displayName: '', consentToTrain: undefined }, someCaller);
    expect((await subjects.get(key('bob'))).faceCount).toBe(0);
    await subjects.delete(key('ada'), someCaller);
    await expect(subjects.get(key('cyd'))).rejects.toMatchObject({ reason: 'SUBJECT_NOT_FOUND' });
    await enrol('cyd', 1);
  });

  it('may be trained on only where both may', async () => {
    for (const subjectId of ['neither', 'source-only', 'target-only', 'both', 'a', 'b', 'c', 'd'])
      await enrol(subjectId, 1);
    for (const subjectId of ['b', 'both', 'd', 'target-only']) await allow(subjectId);
    for (const [target, merged] of [
      ['neither', 'a'],
      ['source-only', 'b'],
      ['target-only', 'c'],
      ['both', 'd'],
    ] as const)
      await into(target, merged);
    const consents = await Promise.all(['neither', 'source-only', 'target-only', 'both'].map(consent));
    expect(consents).toEqual([false, false, false, true]);
    const events = await new AuditLog(test.database).list({ limit: 50, after: undefined });
    const byMerge = events.filter(
      ({ action, details }) => action === 'subject.consent' && details['source'] === 'merge',
    );
    expect(byMerge.map(({ target }) => target)).toEqual([name('target-only')]);
  });

  it('are read again by copies in memory, under the other subject', async () => {
    await enrol('ada', 1);
    const moved = await enrol('ada-2', 2);
    const before = await source.state(collection);
    await into('ada', 'ada-2');
    const now = await source.state(collection);
    const last = { revision: before.revision, faceId: 'ffffffff-ffff-ffff-ffff-ffffffffffff' };
    const read = await source.templates(now.uid, 'net-1', last, now.revision, 10);
    expect(read.map(({ faceId }) => faceId).sort()).toEqual(moved.sort());
    expect(new Set(read.map(({ subjectId }) => subjectId))).toEqual(new Set(['ada']));
    expect(now.faceCount).toBe(3);
  });

  it('are two of one collection, both there; else nothing changes', async () => {
    await enrol('ada', 1);
    await expect(into('ada', 'ada')).rejects.toMatchObject({ reason: 'INVALID_ARGUMENT' });
    await expect(into('ada', 'nobody')).rejects.toMatchObject({ reason: 'SUBJECT_NOT_FOUND' });
    await expect(into('nobody', 'ada')).rejects.toMatchObject({ reason: 'SUBJECT_NOT_FOUND' });
    const elsewhere = 'collections/elsewhere/subjects/ada';
    await expect(merge.execute(name('ada'), elsewhere, someCaller)).rejects.toMatchObject({
      reason: 'INVALID_ARGUMENT',
      fieldViolations: [{ field: 'source', description: 'must be a subject of the same collection' }],
    });
    const stranger = { ...someCaller, tenant: 'other' };
    await expect(merge.execute(name('ada'), name('bob'), stranger)).rejects.toMatchObject({
      reason: 'COLLECTION_NOT_FOUND',
    });
    expect(await collections.get(collection)).toMatchObject({ subjectCount: 1, faceCount: 1 });
  });
});
