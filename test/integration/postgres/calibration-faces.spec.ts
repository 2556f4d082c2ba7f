import { randomUUID } from 'node:crypto';
import { beforeAll, expect, it } from 'vitest';
import { CollectionStore } from '../../../src/service/enrolment/collections/collection.store.js';
import { CalibrationFaceStore } from '../../../src/service/enrolment/faces/calibration-face.store.js';
import { EnrolledFaceStore } from '../../../src/service/enrolment/faces/enrolled-face.store.js';
import { describeOnEveryDatabase } from '../../support/databases.js';
import { enrolmentOf, faceFromEmbedding, newFace, someCaller } from '../../support/enrolments.js';
import { sampleAnalysedFace } from '../../support/sample-analysed-face.js';

describeOnEveryDatabase('faces to calibrate by', (test) => {
  const tenant = `t-${randomUUID().slice(0, 8)}`;
  const keyOf = (collectionId: string, subjectId: string) => ({ tenant, collectionId, subjectId });
  let store: CalibrationFaceStore;
  let modelVersion: string;

  beforeAll(async () => {
    const collections = new CollectionStore(test.database);
    const faces = new EnrolledFaceStore(test.database, test.keys);
    for (const id of ['staff', 'guests']) {
      const settings = { displayName: '', qualityGate: {}, searchable: false, defaultConsentToTrain: false };
      await collections.create(keyOf(id, ''), settings, someCaller);
    }
    const enrol = async (key: ReturnType<typeof keyOf>, count: number) => {
      const enrolment = enrolmentOf(
        key,
        Array.from({ length: count }, () => newFace()),
      );
      ({ modelVersion } = enrolment);
      await faces.enrol(enrolment);
    };
    await enrol(keyOf('staff', 'ada'), 2);
    await enrol(keyOf('staff', 'bob'), 1);
    await enrol(keyOf('guests', 'ada'), 1);
    store = new CalibrationFaceStore(test.database, test.keys);
  });

  it('are those with a template under the version, with whom and how they show', async () => {
    const { faces, unmeasuredCount } = await store.faces(modelVersion, undefined, 100);
    const own = faces.filter(({ embedding }) => embedding.length > 0);
    expect([own.length, unmeasuredCount]).toEqual([4, 0]);
    expect(new Set(faces.map(({ subject }) => subject)).size).toBe(3);
    expect(new Set(faces.map(({ collection }) => collection)).size).toBe(2);
    expect(faces.map(({ appearance }) => appearance)).toEqual(
      faces.map(() => sampleAnalysedFace.quality.appearance),
    );
    expect((await store.faces('another', undefined, 100)).faces).toEqual([]);
  });

  it('are of one collection where that is asked for, which is the tenant’s own', async () => {
    const { faces } = await store.faces(modelVersion, { tenant, collectionId: 'staff' }, 100);
    expect(faces).toHaveLength(3);
    const another = { tenant: 'another', collectionId: 'staff' };
    await expect(store.faces(modelVersion, another, 100)).rejects.toMatchObject({
      reason: 'COLLECTION_NOT_FOUND',
    });
  });

  it('are the same ones each time where there are more than are wanted', async () => {
    const first = await store.faces(modelVersion, undefined, 2);
    expect(first.faces).toHaveLength(2);
    expect(await store.faces(modelVersion, undefined, 2)).toEqual(first);
  });

  it('pass over faces that were enrolled before it was measured how they look, and count them', async () => {
    await test.database.rows(
      "UPDATE faces SET quality = quality - 'appearance' WHERE id = (SELECT id FROM faces ORDER BY id LIMIT 1)",
    );
    const passing = async () => {
      const { faces, unmeasuredCount } = await store.faces(modelVersion, undefined, 100);
      return [faces.length, unmeasuredCount];
    };
    expect(await passing()).toEqual([3, 1]);
    // Of one that came as its embedding it is not known either.
    const enrolled = new EnrolledFaceStore(test.database, test.keys);
    await enrolled.enrol(enrolmentOf(keyOf('staff', 'bob'), [faceFromEmbedding()]));
    expect(await passing()).toEqual([3, 2]);
  });
});
