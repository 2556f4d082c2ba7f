import { randomUUID } from 'node:crypto';
import { beforeEach, expect, it } from 'vitest';
import { CollectionStore } from '../../../src/service/enrolment/collections/collection.store.js';
import { EnrolledFaceStore } from '../../../src/service/enrolment/faces/enrolled-face.store.js';
import { nearestStatement } from '../../../src/service/enrolment/gallery/nearest-statement.js';
import { PgvectorSearch } from '../../../src/service/enrolment/gallery/pgvector-search.js';
import { findCollection } from '../../../src/service/enrolment/faces/lookups.js';
import { TemplateStore } from '../../../src/service/enrolment/faces/template.store.js';
import { cosineSimilarity } from '../../../src/core/verification/similarity.js';
import type { Transaction } from '../../../src/service/platform/database/database.js';
import { sentVector, wholeIndexOf } from '../../../src/service/platform/database/vector-index.js';
import { describeOnEveryDatabase } from '../../support/databases.js';
import { enrolmentOf, newFace, someCaller, unitVector } from '../../support/enrolments.js';

const signal = new AbortController().signal;

describeOnEveryDatabase('approximate search', (test) => {
  let collections: CollectionStore;
  let faces: EnrolledFaceStore;
  let key: { tenant: string; collectionId: string };

  beforeEach(() => {
    collections = new CollectionStore(test.database);
    faces = new EnrolledFaceStore(test.database, test.keys);
    key = { tenant: 'default', collectionId: `c-${randomUUID()}` };
  });

  const hasVector = async (): Promise<boolean> =>
    (await test.database.rows("SELECT 1 FROM pg_available_extensions WHERE name = 'vector'")).length > 0;
  const settings = { displayName: '', qualityGate: {}, searchable: true, defaultConsentToTrain: false };
  const create = async () => collections.create(key, settings, someCaller);
  const search = async (probe: Float32Array, modelVersion = 'net-1') =>
    new PgvectorSearch(test.database).search(
      { collection: key, modelVersion, probe, maximumCandidates: 3, method: 'approximate' },
      signal,
    );

  it('is refused where there is no pgvector, and nothing is created', async ({ skip }) => {
    if (await hasVector()) return skip('this database has pgvector');
    await expect(create()).rejects.toMatchObject({ reason: 'SEARCH_UNAVAILABLE' });
    await expect(collections.get(key)).rejects.toMatchObject({ reason: 'COLLECTION_NOT_FOUND' });
  });

  it('finds the nearest subjects with the very similarities of exact search', async ({ skip }) => {
    if (!(await hasVector())) return skip('this database has no pgvector');
    await create();
    const embeddings = Array.from({ length: 60 }, (_, index) => unitVector(index + 1));
    for (const [index, embedding] of embeddings.entries()) {
      const subject = { ...key, subjectId: `s${Math.floor(index / 3)}` };
      await faces.enrol(enrolmentOf(subject, [newFace(embedding)]));
    }
    const probe = unitVector(7.3);
    const exact = new Map<string, number>();
    for (const [index, embedding] of embeddings.entries()) {
      const subject = `s${Math.floor(index / 3)}`;
      exact.set(subject, Math.max(exact.get(subject) ?? -2, cosineSimilarity(probe, embedding)));
    }
    const nearest = [...exact].sort((a, b) => b[1] - a[1]).slice(0, 3);
    const { candidates, faceCount } = await search(probe);
    expect(candidates.map(({ subjectId, similarity }) => [subjectId, similarity])).toEqual(nearest);
    expect(faceCount).toBe(60);
    await expect(search(probe, 'net-2')).rejects.toMatchObject({ reason: 'FACES_NOT_REEMBEDDED' });
  });

  /** What the search asks the database, where nothing but the index is worth it. */
  const ask = async (
    work: (sql: Transaction, statement: string, parameters: readonly unknown[]) => Promise<readonly object[]>,
    maximumCandidates: number,
  ): Promise<readonly object[]> => {
    const { uid } = await findCollection(test.database, key);
    const templates = { collectionUid: uid, modelVersion: 'net-1' };
    const setting = (await wholeIndexOf(test.database, templates))!;
    const probe = unitVector(7.3);
    const statement = nearestStatement(templates, setting, {
      dimension: probe.length,
      maximumCandidates,
      rowCount: maximumCandidates,
    });
    return test.database.transaction(async (sql) => {
      await sql.rows(
        `SELECT set_config('enable_seqscan', 'off', true), set_config('enable_sort', 'off', true)`,
      );
      return work(sql, statement, [sentVector(probe), null, uid]);
    });
  };

  it('asks the index of the collection, for more rows than pgvector answers by itself', async ({ skip }) => {
    if (!(await hasVector())) return skip('this database has no pgvector');
    await create();
    for (let index = 1; index <= 50; index++)
      await faces.enrol(enrolmentOf({ ...key, subjectId: `s${index}` }, [newFace(unitVector(index))]));
    const { uid } = await findCollection(test.database, key);
    const plan = await ask(
      async (sql, statement, parameters) => sql.rows(`EXPLAIN ${statement}`, parameters),
      50,
    );
    expect(JSON.stringify(plan)).toContain(`hnsw_${uid}_`);
    const found = await ask(async (sql, statement, parameters) => sql.rows(statement, parameters), 50);
    expect(found).toHaveLength(50);
    const [after] = await test.database.rows(`SELECT current_setting('hnsw.ef_search', true) AS effort`);
    expect(['40', null]).toContain((after as { readonly effort: string | null }).effort);
  });

  it('passes over a subject, and knows one of that id in another collection from it', async ({ skip }) => {
    if (!(await hasVector())) return skip('this database has no pgvector');
    await create();
    const other = { tenant: 'default', collectionId: `other-${randomUUID()}` };
    await collections.create(other, settings, someCaller);
    await faces.enrol(enrolmentOf({ ...other, subjectId: 'ada' }, [newFace(unitVector(1))]));
    await faces.enrol(
      enrolmentOf({ ...key, subjectId: 'ada' }, [newFace(unitVector(1)), newFace(unitVector(2))]),
    );
    await faces.enrol(enrolmentOf({ ...key, subjectId: 'bob' }, [newFace(unitVector(3))]));
    const { candidates } = await new PgvectorSearch(test.database).search(
      {
        collection: key,
        modelVersion: 'net-1',
        probe: unitVector(1),
        maximumCandidates: 3,
        method: 'approximate',
        exceptSubjectId: 'ada',
      },
      signal,
    );
    expect(candidates.map(({ subjectId }) => subjectId)).toEqual(['bob']);
  });

  it('finds the next subjects where one has more of the nearest faces than are asked for at first', async ({
    skip,
  }) => {
    if (!(await hasVector())) return skip('this database has no pgvector');
    await create();
    const many = Array.from({ length: 110 }, (_, index) => newFace(unitVector(5 + index * 1e-6)));
    await faces.enrol(enrolmentOf({ ...key, subjectId: 'ada' }, many));
    for (let index = 1; index <= 30; index++)
      await faces.enrol(enrolmentOf({ ...key, subjectId: `s${index}` }, [newFace(unitVector(100 + index))]));
    const { candidates } = await search(unitVector(5));
    expect(candidates).toHaveLength(3);
    expect(candidates[0]).toMatchObject({ subjectId: 'ada' });
  });

  it('follows faces that are embedded anew, and templates that are removed and made again', async ({
    skip,
  }) => {
    if (!(await hasVector())) return skip('this database has no pgvector');
    await create();
    const subject = { ...key, subjectId: 'ada' };
    await faces.enrol(enrolmentOf(subject, [newFace(), newFace()]));
    const templates = new TemplateStore(test.database, test.keys);
    const embedAnew = async () => {
      const missing = await templates.facesWithout('net-2', undefined, 1000);
      const anew = missing.map(({ faceId }) => ({ faceId, embedding: unitVector(5) }));
      return templates.add('net-2', anew);
    };
    expect(await embedAnew()).toBeGreaterThanOrEqual(2);
    expect((await search(unitVector(5), 'net-2')).candidates).toHaveLength(1);
    while ((await templates.removeAllBut(['net-1'], 1)) > 0);
    expect((await search(unitVector(5), 'net-2')).candidates).toEqual([]);
    expect(await embedAnew()).toBeGreaterThanOrEqual(2);
    const [candidate] = (await search(unitVector(5), 'net-2')).candidates;
    expect(candidate).toMatchObject({ subjectId: 'ada' });
    expect(candidate!.similarity).toBeCloseTo(1, 6);
  });

  it('forgets what is deleted, and an empty collection has no candidates', async ({ skip }) => {
    if (!(await hasVector())) return skip('this database has no pgvector');
    await create();
    expect(await search(unitVector(1))).toMatchObject({ candidates: [], faceCount: 0 });
    const face = newFace();
    await faces.enrol(enrolmentOf({ ...key, subjectId: 'ada' }, [face, newFace(unitVector(2))]));
    await faces.delete({ ...key, subjectId: 'ada', faceId: face.id }, someCaller);
    expect((await search(unitVector(1))).candidates[0]!.faceId).not.toBe(face.id);
    const [{ uid } = { uid: '' }] = await test.database.rows<{ uid: string }>(
      'SELECT uid FROM collections WHERE id = $1',
      [key.collectionId],
    );
    await collections.delete(key, someCaller);
    expect(await test.database.rows(`SELECT 1 FROM pg_indexes WHERE indexname LIKE 'hnsw_${uid}_%'`)).toEqual(
      [],
    );
    expect(
      await test.database.rows('SELECT 1 FROM searchable_templates WHERE face_id = $1', [face.id]),
    ).toEqual([]);
  });
});
