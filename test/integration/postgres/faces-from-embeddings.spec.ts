import { randomUUID } from 'node:crypto';
import { beforeEach, expect, it } from 'vitest';

import { CollectionStore } from '../../../src/service/enrolment/collections/collection.store.js';
import { EnrolledFaceStore } from '../../../src/service/enrolment/faces/enrolled-face.store.js';
import { TemplateStore } from '../../../src/service/enrolment/faces/template.store.js';
import { PostgresGallerySource } from '../../../src/service/enrolment/gallery/postgres-gallery-source.js';
import { SubjectStore } from '../../../src/service/enrolment/subjects/subject.store.js';
import { markDeleted } from '../../../src/service/lifecycle/deletion/mark-deleted.js';
import { TrainableFaceStore } from '../../../src/service/lifecycle/retraining/trainable-face.store.js';
import type { SubjectKey } from '../../../src/service/platform/resource-names.js';
import { describeOnEveryDatabase } from '../../support/databases.js';
import { enrolmentOf, faceFromEmbedding, newFace, someCaller, unitVector } from '../../support/enrolments.js';

describeOnEveryDatabase('faces that were enrolled by embeddings', (test) => {
  let subjects: SubjectStore;
  let faces: EnrolledFaceStore;
  let templates: TemplateStore;
  let key: SubjectKey;
  const photographed = newFace(unitVector(1));
  let embedded: ReturnType<typeof faceFromEmbedding>;

  beforeEach(async () => {
    const { database, keys } = test;
    await database.rows('DELETE FROM collections');
    subjects = new SubjectStore(database);
    faces = new EnrolledFaceStore(database, keys);
    templates = new TemplateStore(database, keys);
    key = { tenant: 'default', collectionId: `c-${randomUUID()}`, subjectId: 'ada' };
    const settings = { displayName: '', qualityGate: {}, searchable: false, defaultConsentToTrain: true };
    await new CollectionStore(database).create(key, settings, someCaller);
    embedded = faceFromEmbedding(unitVector(2));
    await faces.enrol(enrolmentOf(key, [photographed, embedded]));
  });

  it('have a template and nothing that was measured', async () => {
    const faceKey = { ...key, faceId: embedded.id };
    expect(await faces.get(faceKey)).toMatchObject({ face: undefined, modelVersions: ['net-1'] });
    expect(await faces.cropOf(faceKey)).toBeUndefined();
    expect((await faces.get({ ...key, faceId: photographed.id })).face?.rho).toBe(0.875);
    const { templates: found, missingCount } = await faces.templatesOf(key, 'net-1');
    expect(found.find(({ faceId }) => faceId === embedded.id)?.embedding).toEqual(embedded.embedding);
    expect(missingCount).toBe(0);
  });

  it('are left at a change of the model, and counted', async () => {
    expect((await templates.facesWithout('net-2', undefined, 10)).map(({ faceId }) => faceId)).toEqual([
      photographed.id,
    ]);
    expect(await templates.countFacesWithout('net-2')).toBe(1);
    expect(await templates.countFacesLeft('net-2')).toBe(1);
    expect(await templates.countFacesLeft('net-1')).toBe(0);
    await templates.add('net-2', [{ faceId: photographed.id, embedding: unitVector(3) }]);
    // Only of the one with a crop can a template be missing.
    expect(await faces.templatesOf(key, 'net-2')).toMatchObject({ faceCount: 2, missingCount: 0 });
    const source = new PostgresGallerySource(test.database);
    const { uid } = await source.state(key);
    expect(await source.facesToEmbed(uid, 'net-2')).toBe(0);
    expect(await source.facesToEmbed(uid, 'net-3')).toBe(1);
  });

  it('keep their only template where others are removed, and their model', async () => {
    await templates.add('net-2', [{ faceId: photographed.id, embedding: unitVector(3) }]);
    expect(await templates.removeAllBut(['net-2', 'net-3'], 10)).toBe(1);
    expect(await faces.get({ ...key, faceId: photographed.id })).toMatchObject({ modelVersions: ['net-2'] });
    expect(await faces.get({ ...key, faceId: embedded.id })).toMatchObject({ modelVersions: ['net-1'] });
    const audit = {
      actor: 'a',
      tenant: 'default',
      action: 'model.delete',
      target: 'net-1',
      details: {},
    } as const;
    expect(await markDeleted(test.database, 'net-1', 'allowed', audit)).toEqual({
      kind: 'only-templates',
      faceCount: 1,
    });
  });

  it('are not trained on', async () => {
    const store = new TrainableFaceStore(test.database);
    const read = [];
    for await (const { faceId } of store.read(1)) read.push(faceId);
    expect(read).toEqual([photographed.id]);
    expect(await store.count({ minimumFacesPerIdentity: 1, tau: 0.5 })).toMatchObject({
      enrolledFaces: 1,
      faces: 1,
    });
    expect((await store.count({ minimumFacesPerIdentity: 2, tau: 0.5 })).faces).toBe(0);
  });

  it('go with their subject; a receipt counts crops that there were', async () => {
    expect(await subjects.delete(key, someCaller)).toMatchObject({
      faceCount: 2,
      cropCount: 1,
      templateCount: 2,
    });
  });
});
