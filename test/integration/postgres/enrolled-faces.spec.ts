import { randomUUID } from 'node:crypto';
import { beforeEach, expect, it } from 'vitest';
import { openDatabase } from '../../../src/service/platform/database/open-database.js';
import { tables } from '../../../src/service/tables.js';
import { CollectionStore } from '../../../src/service/enrolment/collections/collection.store.js';
import { EnrolledFaceStore } from '../../../src/service/enrolment/faces/enrolled-face.store.js';
import { PostgresGallerySource } from '../../../src/service/enrolment/gallery/postgres-gallery-source.js';
import { SubjectStore } from '../../../src/service/enrolment/subjects/subject.store.js';
import { MasterKey } from '../../../src/storage/encryption/master-key.js';
import { DataKeys } from '../../../src/service/platform/encryption/data-keys.js';
import { faceOrderKey } from '../../../src/service/enrolment/faces/enrolment.js';
import { describeOnEveryDatabase } from '../../support/databases.js';
import { enrolmentOf, newFace, someCaller, unitVector } from '../../support/enrolments.js';
import { sampleAnalysedFace } from '../../support/sample-analysed-face.js';

const newCollection = {
  displayName: 'Door',
  qualityGate: { minimumRho: 0.1 },
  searchable: false,
  defaultConsentToTrain: false,
};

describeOnEveryDatabase('enrolled faces', (test) => {
  let collections: CollectionStore;
  let subjects: SubjectStore;
  let faces: EnrolledFaceStore;
  let source: PostgresGallerySource;
  let key: { tenant: string; collectionId: string; subjectId: string };

  beforeEach(async () => {
    collections = new CollectionStore(test.database);
    subjects = new SubjectStore(test.database);
    faces = new EnrolledFaceStore(test.database, test.keys);
    source = new PostgresGallerySource(test.database);
    key = { tenant: 'default', collectionId: `c-${randomUUID()}`, subjectId: 'ada' };
    await collections.create(key, newCollection, someCaller);
  });

  it('come back as they were enrolled, crop and template included', async () => {
    const face = newFace(unitVector(3));
    expect(await faces.enrol(enrolmentOf(key, [face]))).toBe('stored');
    const faceKey = { ...key, faceId: face.id };
    expect(await faces.get(faceKey)).toMatchObject({
      id: face.id,
      subjectId: 'ada',
      face: face.photographed?.face,
      modelVersions: ['net-1'],
      detectorVersion: 'detector-1',
    });
    const { templates, faceCount } = await faces.templatesOf(key, 'net-1');
    const { appearance } = sampleAnalysedFace.quality;
    expect(templates).toEqual([{ faceId: face.id, embedding: face.embedding, appearance }]);
    expect(await faces.templatesOfSubjects(key, ['ada', 'nobody'], 'net-1')).toEqual(
      new Map([['ada', templates]]),
    );
    expect(await faces.templatesOfSubjects(key, ['ada'], 'net-2')).toEqual(new Map());
    expect(faceCount).toBe(1);
    const crop = await faces.cropOf(faceKey);
    expect(Buffer.from(crop!.encoded).toString()).toBe('the bytes of a crop');
    expect(crop!.landmarks).toEqual(face.photographed?.crop.landmarks);
    expect(await subjects.get(key)).toMatchObject({ id: 'ada', faceCount: 1, consentToTrain: false });
    expect(await collections.get(key)).toMatchObject({ subjectCount: 1, faceCount: 1 });
  });

  it('are encrypted in the database', async () => {
    const face = newFace(unitVector(4));
    await faces.enrol(enrolmentOf(key, [face]));
    const [row] = await test.database.rows<{ crop: Buffer; template: Buffer }>(
      `SELECT f.sealed_crop AS crop, t.sealed AS template FROM faces f JOIN templates t ON t.face_id = f.id
       WHERE f.id = $1`,
      [face.id],
    );
    expect(row!.crop.includes('the bytes of a crop')).toBe(false);
    expect(row!.template.includes(Buffer.from(face.embedding.buffer))).toBe(false);
  });

  it('are stored all or none: a subject that must exist and does not leaves nothing', async () => {
    const enrolment = enrolmentOf(key, [newFace()], { createSubject: false });
    await expect(faces.enrol(enrolment)).rejects.toMatchObject({ reason: 'SUBJECT_NOT_FOUND' });
    const twice = randomUUID();
    const broken = enrolmentOf(key, [newFace(unitVector(1), twice), newFace(unitVector(2), twice)]);
    await expect(faces.enrol(broken)).rejects.toThrow();
    expect(await collections.get(key)).toMatchObject({ subjectCount: 0, faceCount: 0 });
    await expect(subjects.get(key)).rejects.toMatchObject({ reason: 'SUBJECT_NOT_FOUND' });
  });

  it('of one request id are stored once, however many ask at the same time', async () => {
    const id = randomUUID();
    const outcomes = await Promise.all(
      Array.from({ length: 6 }, () => {
        const face = newFace();
        const request = {
          id,
          digest: Buffer.from('digest'),
          outcomes: [{ faceId: face.id }],
          modelVersion: 'net-1',
          detectorVersion: 'detector-1',
        };
        return faces.enrol(enrolmentOf(key, [face], { request }));
      }),
    );
    expect(outcomes.sort()).toEqual([...(new Array(5).fill('repeated') as string[]), 'stored']);
    expect(await collections.get(key)).toMatchObject({ faceCount: 1 });
    const recorded = await faces.findRequest('default', id);
    const [enrolled] = await faces.list(key, { limit: 10, after: undefined });
    expect(recorded?.outcomes).toEqual([{ faceId: enrolled!.id }]);
    expect(await faces.findRequest('other', id)).toBeUndefined();
  });

  it('are refused where the collection is not at the expected revision', async () => {
    const { revision } = await source.state(key);
    expect(await faces.enrol(enrolmentOf(key, [newFace()], { expectedRevision: revision }))).toBe('stored');
    const late = enrolmentOf(key, [newFace()], { expectedRevision: revision });
    expect(await faces.enrol(late)).toBe('collection-changed');
    expect(await collections.get(key)).toMatchObject({ faceCount: 1 });
  });

  it('are listed page by page, oldest first, and each once', async () => {
    for (let count = 0; count < 5; count++) await faces.enrol(enrolmentOf(key, [newFace(), newFace()]));
    const listed: string[] = [];
    let after: string | undefined;
    do {
      const page = await faces.list(key, { limit: 3, after });
      listed.push(...page.map(({ id }) => id));
      const last = page.at(-1);
      after = last && faceOrderKey(last);
    } while (after !== undefined);
    expect(new Set(listed).size).toBe(10);
    expect(listed).toHaveLength(10);
  });

  it('are gone with their subject, and the receipt says how many', async () => {
    const kept = { ...key, subjectId: 'bob' };
    await faces.enrol(enrolmentOf(key, [newFace(), newFace(), newFace()]));
    await faces.enrol(enrolmentOf(kept, [newFace()]));
    const before = await source.state(key);
    const receipt = await subjects.delete(key, someCaller);
    expect(receipt).toMatchObject({ subjectCount: 1, faceCount: 3, cropCount: 3, templateCount: 3 });
    const left = await test.database.rows<{ count: string }>(
      `SELECT count(*) FROM faces f FULL JOIN templates t ON t.face_id = f.id
       JOIN collections c ON c.uid IN (f.collection_uid, t.collection_uid) WHERE c.id = $1`,
      [key.collectionId],
    );
    expect(Number(left[0]?.count)).toBe(1);
    const after = await source.state(key);
    expect(after.faceCount).toBe(1);
    expect(await source.deletedFaceIds(before.uid, before.revision, after.revision)).toHaveLength(3);
    await expect(subjects.delete(key, someCaller)).rejects.toMatchObject({ reason: 'SUBJECT_NOT_FOUND' });
    expect(await source.state(key)).toEqual(after);
  });

  it('are remembered to be gone for a hundred thousand changes of their collection', async () => {
    const deleteOne = async (): Promise<void> => {
      const face = newFace();
      await faces.enrol(enrolmentOf(key, [face]));
      await faces.delete({ ...key, faceId: face.id }, someCaller);
    };
    await deleteOne();
    const { uid, revision } = await source.state(key);
    const remembered = async () => source.deletedFaceIds(uid, '0', '1000000');
    await test.database.rows('UPDATE collections SET revision = revision + 99997 WHERE uid = $1', [uid]);
    await deleteOne();
    expect((await source.state(key)).revision).toBe(String(Number(revision) + 99_999));
    expect(await remembered()).toHaveLength(2);
    const [, second] = await remembered();
    await deleteOne();
    expect(await remembered()).toHaveLength(2);
    expect(await remembered()).toContain(second);
  });

  it('are gone one by one, and with their collection', async () => {
    const face = newFace();
    await faces.enrol(enrolmentOf(key, [face, newFace()]));
    const faceKey = { ...key, faceId: face.id };
    expect(await faces.delete(faceKey, someCaller)).toMatchObject({
      faceCount: 1,
      templateCount: 1,
      subjectCount: 0,
    });
    await expect(faces.get(faceKey)).rejects.toMatchObject({ reason: 'ENROLLED_FACE_NOT_FOUND' });
    await expect(faces.delete(faceKey, someCaller)).rejects.toMatchObject({
      reason: 'ENROLLED_FACE_NOT_FOUND',
    });
    expect(await collections.delete(key, someCaller)).toMatchObject({ subjectCount: 1, faceCount: 1 });
    await expect(collections.get(key)).rejects.toMatchObject({ reason: 'COLLECTION_NOT_FOUND' });
    await expect(faces.list(key, { limit: 1, after: undefined })).rejects.toMatchObject({
      reason: 'COLLECTION_NOT_FOUND',
    });
  });

  it("are not there for another tenant: neither the collection's name nor the face's id opens them", async () => {
    const face = newFace();
    await faces.enrol(enrolmentOf(key, [face]));
    const other = { ...key, tenant: 'other', faceId: face.id };
    const refused = { reason: 'COLLECTION_NOT_FOUND' };
    await expect(faces.get(other)).rejects.toMatchObject(refused);
    await expect(faces.delete(other, someCaller)).rejects.toMatchObject(refused);
    await expect(faces.templatesOf(other, 'net-1')).rejects.toMatchObject(refused);
    await expect(faces.cropOf(other)).rejects.toMatchObject(refused);
    await expect(subjects.get(other)).rejects.toMatchObject(refused);
    await expect(subjects.delete(other, someCaller)).rejects.toMatchObject(refused);
    await expect(source.state(other)).rejects.toMatchObject(refused);
    expect(await collections.list('other', { limit: 10, after: undefined })).toEqual([]);
  });

  it('survive many writers at once with the right counts', async () => {
    await Promise.all(
      Array.from({ length: 24 }, (_, index) =>
        faces.enrol(enrolmentOf({ ...key, subjectId: `s${index % 4}` }, [newFace()])),
      ),
    );
    expect(await collections.get(key)).toMatchObject({ subjectCount: 4, faceCount: 24 });
    const { uid, revision } = await source.state(key);
    const cursor = { revision: '0', faceId: '00000000-0000-0000-0000-000000000000' };
    const first = await source.templates(uid, 'net-1', cursor, revision, 20);
    const last = first.at(-1)!;
    const rest = await source.templates(uid, 'net-1', last, revision, 20);
    expect(new Set([...first, ...rest].map(({ faceId }) => faceId)).size).toBe(24);
  });

  it('keep consent per subject, with the time of its last change', async () => {
    await subjects.create(key, { displayName: 'Ada', consentToTrain: undefined }, someCaller);
    const before = await subjects.get(key);
    const after = await subjects.update(key, { consentToTrain: true }, someCaller);
    expect(after).toMatchObject({ displayName: 'Ada', consentToTrain: true });
    expect(after.updateTime.getTime()).toBeGreaterThanOrEqual(before.updateTime.getTime());
    await expect(
      subjects.create(key, { displayName: '', consentToTrain: false }, someCaller),
    ).rejects.toMatchObject({ reason: 'SUBJECT_ALREADY_EXISTS' });
    expect(await collections.get(key)).toMatchObject({ subjectCount: 1 });
  });

  it('take the consent of their collection where nobody says, for new subjects only, with a record of it', async () => {
    const consents = async (): Promise<readonly unknown[]> =>
      test.database.rows(
        `SELECT target, actor, details FROM audit_events WHERE action = 'subject.consent' AND target LIKE $1
         ORDER BY sequence`,
        [`collections/${key.collectionId}/%`],
      );
    const of = (subjectId: string) => ({ ...key, subjectId });
    const unsaid = { displayName: '', consentToTrain: undefined };
    await subjects.create(of('before'), unsaid, someCaller);
    await faces.enrol(enrolmentOf(of('enrolled-before'), [newFace(unitVector(1))]));
    expect(await consents()).toEqual([]);

    await collections.update(key, { defaultConsentToTrain: true }, someCaller);
    await subjects.create(of('created'), unsaid, someCaller);
    await subjects.create(of('refusing'), { ...unsaid, consentToTrain: false }, someCaller);
    await subjects.create(of('stating'), { ...unsaid, consentToTrain: true }, someCaller);
    await faces.enrol(enrolmentOf(of('enrolled'), [newFace(unitVector(2))]));
    await faces.enrol(enrolmentOf(of('enrolled'), [newFace(unitVector(3))]));
    await faces.enrol(enrolmentOf(of('enrolled-before'), [newFace(unitVector(4))]));
    const listed = await subjects.list(key, '', { limit: 10, after: undefined });
    expect(listed.filter(({ consentToTrain }) => consentToTrain).map(({ id }) => id)).toEqual([
      'created',
      'enrolled',
      'stating',
    ]);
    const record = (subjectId: string, source: string) => ({
      target: `collections/${key.collectionId}/subjects/${subjectId}`,
      actor: someCaller.actor,
      details: { consent_to_train: 'true', source },
    });
    expect(await consents()).toEqual([
      record('created', 'collection default'),
      record('stating', 'stated'),
      record('enrolled', 'collection default'),
    ]);
  });

  it('cannot be opened with another encryption key', async () => {
    if (test.settings.databaseUrl === undefined) await test.database.close();
    const database = await openDatabase(test.settings, tables);
    const configured = new MasterKey(new Uint8Array(32).fill(8));
    const wrong = DataKeys.open(database, { configured, previous: undefined });
    await expect(wrong).rejects.toThrow(/another key/u);
    await database.close();
    if (test.settings.databaseUrl === undefined) await test.reopen();
  });
});
