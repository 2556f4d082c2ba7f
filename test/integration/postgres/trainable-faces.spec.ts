import { beforeAll, expect, it } from 'vitest';
import { openCrop } from '../../../src/storage/encryption/sealed-records.js';
import { CollectionStore } from '../../../src/service/enrolment/collections/collection.store.js';
import { EnrolledFaceStore } from '../../../src/service/enrolment/faces/enrolled-face.store.js';
import { SubjectStore } from '../../../src/service/enrolment/subjects/subject.store.js';
import { TrainableFaceStore } from '../../../src/service/lifecycle/retraining/trainable-face.store.js';
import type { TrainableFace } from '../../../src/training/enrolled-faces/trainable-face.js';
import { describeOnEveryDatabase } from '../../support/databases.js';
import { enrolmentOf, newFace, someCaller } from '../../support/enrolments.js';

describeOnEveryDatabase('the faces that may be trained on', (test) => {
  const keyOf = (tenant: string, subjectId: string) => ({ tenant, collectionId: 'door', subjectId });
  let store: TrainableFaceStore;
  let subjects: SubjectStore;
  let faces: EnrolledFaceStore;

  const enrol = async (tenant: string, subjectId: string, rhos: readonly number[]): Promise<string[]> => {
    const made = rhos.map((rho) => {
      const face = newFace();
      const { face: measured, crop } = face.photographed!;
      return { ...face, photographed: { face: { ...measured, rho }, crop } };
    });
    await faces.enrol(enrolmentOf(keyOf(tenant, subjectId), made));
    return made.map(({ id }) => id);
  };
  const all = async (minimumFaces: number): Promise<TrainableFace[]> => {
    const read: TrainableFace[] = [];
    for await (const face of store.read(minimumFaces)) read.push(face);
    return read;
  };

  beforeAll(async () => {
    store = new TrainableFaceStore(test.database);
    subjects = new SubjectStore(test.database);
    faces = new EnrolledFaceStore(test.database, test.keys);
    const collections = new CollectionStore(test.database);
    for (const tenant of ['default', 'other']) {
      await collections.create(
        { tenant, collectionId: 'door' },
        { displayName: '', qualityGate: {}, searchable: false, defaultConsentToTrain: tenant === 'other' },
        someCaller,
      );
    }
  });

  it('are none, and counted so', async () => {
    expect(await all(1)).toEqual([]);
    expect(await store.count({ minimumFacesPerIdentity: 2, tau: 0.2 })).toEqual({
      enrolledIdentities: 0,
      enrolledFaces: 0,
      consentingIdentities: 0,
      consentingFaces: 0,
      identities: 0,
      faces: 0,
      frontalFaces: 0,
    });
  });

  it('are those of consenting subjects of every tenant, with enough faces, sealed and as they were enrolled', async () => {
    await enrol('default', 'refuses', [0.9, 0.9]);
    const consenting = await enrol('default', 'consents', [0.9, 0.2, 0.1]);
    await subjects.update(keyOf('default', 'consents'), { consentToTrain: true }, someCaller);
    const few = await enrol('other', 'by default', [0.9]);
    const many = await enrol('other', 'many', new Array<number>(250).fill(0.1));
    const read = await all(2);
    expect(read.map(({ faceId }) => faceId).sort()).toEqual([...consenting, ...many].sort());
    expect(new Set(read.map(({ identity }) => identity)).size).toBe(2);
    expect((await all(1)).map(({ faceId }) => faceId)).toContain(few[0]);
    expect((await store.identities(2)).map(({ faceCount }) => faceCount)).toEqual([3, 250]);
    expect(await store.identities(2)).toEqual(
      [consenting, many].map(([faceId, ...others]) => {
        const { identity, collection } = read.find((face) => face.faceId === faceId)!;
        return { identity, collection, faceCount: 1 + others.length };
      }),
    );
    const one = read.find(({ faceId }) => faceId === consenting[1])!;
    expect(one.rho).toBe(0.2);
    expect(one.landmarks).toEqual(newFace().photographed!.crop.landmarks);
    expect(
      Buffer.from(openCrop(await test.keys.toOpen([one.sealedCrop]), one.faceId, one.sealedCrop)).toString(),
    ).toBe('the bytes of a crop');
    expect(await store.count({ minimumFacesPerIdentity: 2, tau: 0.2 })).toEqual({
      enrolledIdentities: 4,
      enrolledFaces: 256,
      consentingIdentities: 3,
      consentingFaces: 254,
      identities: 2,
      faces: 253,
      frontalFaces: 1,
    });
  });

  it('are told from those deleted or whose consent was withdrawn', async () => {
    const [first = '', ...others] = await enrol('other', 'leaves', [0.5, 0.5, 0.5]);
    const ids = [first, ...others];
    expect(await store.countTrainable(ids)).toBe(3);
    await faces.delete({ ...keyOf('other', 'leaves'), faceId: first }, someCaller);
    expect(await store.countTrainable(ids)).toBe(2);
    await subjects.update(keyOf('other', 'leaves'), { consentToTrain: false }, someCaller);
    expect(await store.countTrainable(ids)).toBe(0);
  });
});
