import { beforeEach, expect, it } from 'vitest';
import { Failure } from '../../../src/core/failure.js';
import type { AnalysisRequest } from '../../../src/inference/analyser/face-analysis.js';
import { CheckTemplates } from '../../../src/service/enrolment/faces/check-templates.js';
import { DamagedTemplates } from '../../../src/service/enrolment/faces/damaged-templates.js';
import { EnrolledFaceStore } from '../../../src/service/enrolment/faces/enrolled-face.store.js';
import { TemplateStore } from '../../../src/service/enrolment/faces/template.store.js';
import { PostgresGallerySource } from '../../../src/service/enrolment/gallery/postgres-gallery-source.js';
import { CollectionStore } from '../../../src/service/enrolment/collections/collection.store.js';
import { describeOnEveryDatabase } from '../../support/databases.js';
import { enrolmentOf, faceFromEmbedding, newFace, someCaller, unitVector } from '../../support/enrolments.js';
import { sampleAnalysedFace } from '../../support/sample-analysed-face.js';

const model = 'net-1';
let suite = 0;

describeOnEveryDatabase('damaged templates', (test) => {
  let subject: { tenant: string; collectionId: string; subjectId: string };
  let found: string[];
  let faces: EnrolledFaceStore;
  let check: CheckTemplates;
  /** What the stored crops come to. */
  let analyse: (requests: readonly AnalysisRequest[]) => ReturnType<typeof analysed>;

  const analysed = (requests: readonly AnalysisRequest[], backboneId = model) =>
    Promise.resolve({
      models: { backboneId, detectorId: 'detector-1', embeddingDimension: 8 },
      outcomes: requests.map(() => ({
        ok: true as const,
        image: {
          width: 140,
          height: 150,
          faces: [{ ...sampleAnalysedFace, embedding: unitVector(1) }],
        },
      })),
    });

  beforeEach(async () => {
    subject = { tenant: someCaller.tenant, collectionId: `damaged-${suite++}`, subjectId: 'ada' };
    found = [];
    const damaged = new DamagedTemplates((faceId) => found.push(faceId));
    faces = new EnrolledFaceStore(test.database, test.keys, damaged);
    const templates = new TemplateStore(test.database, test.keys, damaged);
    analyse = analysed;
    check = new CheckTemplates({
      analysis: { analyse: async (requests) => analyse(requests) },
      servedBackbone: () => model,
      faces,
      templates,
    });
    await new CollectionStore(test.database).create(
      subject,
      { displayName: '', qualityGate: {}, searchable: false, defaultConsentToTrain: false },
      someCaller,
    );
  });

  const run = async (repair: boolean) =>
    check.execute(
      { collection: `collections/${subject.collectionId}`, repair, pageSize: 0, pageToken: '' },
      someCaller,
      { signal: new AbortController().signal },
    );
  /** As a disk does. */
  const damage = async (table: 'templates' | 'faces', faceId: string): Promise<void> => {
    const [column, id] = table === 'templates' ? ['sealed', 'face_id'] : ['sealed_crop', 'id'];
    await test.database.rows(
      `UPDATE ${table} SET ${column} = set_byte(${column}, 20, (get_byte(${column}, 20) + 1) % 256) WHERE ${id} = $1`,
      [faceId],
    );
  };

  it('are left out of a subject, counted and told of once', async () => {
    const [whole, broken] = [newFace(unitVector(1)), newFace(unitVector(2))];
    await faces.enrol(enrolmentOf(subject, [whole, broken]));
    await damage('templates', broken.id);
    for (let time = 0; time < 2; time++) {
      const read = await faces.templatesOf(subject, model);
      expect(read).toMatchObject({ faceCount: 2, damagedCount: 1, missingCount: 0 });
      expect(read.templates.map(({ faceId }) => faceId)).toEqual([whole.id]);
    }
    const ofSubjects = await faces.templatesOfSubjects(subject, [subject.subjectId], model);
    expect(ofSubjects.get('ada')?.map(({ faceId }) => faceId)).toEqual([whole.id]);
    expect(found).toEqual([broken.id]);
  });

  it('are found, and repaired from the stored crops, so that searches read them anew', async () => {
    const [whole, broken] = [newFace(unitVector(2)), newFace(unitVector(1))];
    await faces.enrol(enrolmentOf(subject, [whole, broken]));
    await damage('templates', broken.id);
    const face = { ...subject, faceId: broken.id };
    expect(await run(false)).toMatchObject({
      checkedFaceCount: 2,
      unreadable: [{ face, repaired: false, error: undefined }],
    });
    const source = new PostgresGallerySource(test.database);
    const before = await source.state(subject);
    expect((await run(true)).unreadable).toEqual([{ face, repaired: true, error: undefined }]);
    expect((await run(false)).unreadable).toEqual([]);
    const after = await source.state(subject);
    const [changed] = await source.templates(
      after.uid,
      model,
      { revision: before.revision, faceId: 'ffffffff-ffff-ffff-ffff-ffffffffffff' },
      after.revision,
      10,
    );
    expect(changed?.faceId).toBe(broken.id);
    const read = await faces.templatesOf(subject, model);
    expect(read).toMatchObject({ faceCount: 2, damagedCount: 0 });
    expect(read.templates.find(({ faceId }) => faceId === broken.id)?.embedding).toEqual(unitVector(1));
  });

  it('stay where there is no whole crop, with the reason', async () => {
    const [both, embedded] = [newFace(), faceFromEmbedding(unitVector(3))];
    await faces.enrol(enrolmentOf(subject, [both, embedded]));
    for (const { id } of [both, embedded]) await damage('templates', id);
    await damage('faces', both.id);
    const { unreadable } = await run(true);
    expect(unreadable).toHaveLength(2);
    for (const { repaired, error } of unreadable) {
      expect(repaired).toBe(false);
      expect(error).toMatchObject({ reason: 'STORED_CROP_DAMAGED' });
    }
  });

  it('are not taken for damaged crops where the crop cannot be read for another reason', async () => {
    const broken = newFace();
    await faces.enrol(enrolmentOf(subject, [broken]));
    await damage('templates', broken.id);
    faces.cropOf = () => Promise.reject(new TypeError('a mistake of the code'));
    await expect(run(true)).rejects.toThrow('a mistake of the code');
  });

  it('are not repaired by a model that began to serve meanwhile', async () => {
    const broken = newFace();
    await faces.enrol(enrolmentOf(subject, [broken]));
    await damage('templates', broken.id);
    analyse = async (requests) => analysed(requests, 'net-2');
    await expect(run(true)).rejects.toMatchObject({ reason: 'MODEL_CHANGED' });
    expect((await run(false)).unreadable).toHaveLength(1);
  });

  it("are another tenant's business", async () => {
    await expect(
      check.execute(
        { collection: `collections/${subject.collectionId}`, repair: true, pageSize: 0, pageToken: '' },
        { ...someCaller, tenant: 'rival' },
        { signal: new AbortController().signal },
      ),
    ).rejects.toBeInstanceOf(Failure);
  });
});
