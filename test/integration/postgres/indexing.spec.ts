import { randomUUID } from 'node:crypto';
import { beforeEach, expect, it } from 'vitest';
import { CollectionStore } from '../../../src/service/enrolment/collections/collection.store.js';
import { EnrolledFaceStore } from '../../../src/service/enrolment/faces/enrolled-face.store.js';
import { PgvectorSearch } from '../../../src/service/enrolment/gallery/pgvector-search.js';
import { IndexCollection } from '../../../src/service/enrolment/indexing/index-collection.js';
import { indexingProgressOf } from '../../../src/service/enrolment/indexing/indexing.js';
import { RunIndexing } from '../../../src/service/enrolment/indexing/run-indexing.js';
import { findCollection } from '../../../src/service/enrolment/faces/lookups.js';
import { requireVectorIndex } from '../../../src/service/platform/database/vector-index.js';
import { type Job } from '../../../src/service/jobs/job.js';
import { JobQueue } from '../../../src/service/jobs/job-queue.js';
import { cosineSimilarity } from '../../../src/core/verification/similarity.js';
import { describeOnEveryDatabase } from '../../support/databases.js';
import { enrolmentOf, newFace, someCaller, unitVector } from '../../support/enrolments.js';

const { signal: never } = new AbortController();
const admin = { ...someCaller, role: 'admin' } as const;

describeOnEveryDatabase('indexing of a collection', (test) => {
  let collections: CollectionStore;
  let faces: EnrolledFaceStore;
  let run: RunIndexing;
  let key: { tenant: string; collectionId: string };
  let hasVector: boolean;

  beforeEach(async () => {
    collections = new CollectionStore(test.database);
    faces = new EnrolledFaceStore(test.database, test.keys);
    run = new RunIndexing(test.database, test.keys);
    key = { tenant: 'default', collectionId: `c-${randomUUID()}` };
    const settings = { displayName: '', qualityGate: {}, searchable: false, defaultConsentToTrain: false };
    await collections.create(key, settings, someCaller);
    const available = await test.database.rows("SELECT 1 FROM pg_available_extensions WHERE name = 'vector'");
    hasVector = available.length > 0;
  });

  const queue = async (remove = false): Promise<Job> =>
    new IndexCollection(test.database, new JobQueue(test.database)).execute(
      `collections/${key.collectionId}`,
      remove,
      admin,
    );
  const end = async (job: Job): Promise<void> => {
    await test.database.rows("UPDATE jobs SET state = 'succeeded', end_time = now() WHERE id = $1", [job.id]);
  };
  const work = async (job: Job, signal = never, onReport: () => void = () => undefined): Promise<Job> => {
    const context = {
      signal,
      report: onReport,
      succeed: () => undefined,
      requireHeld: () => Promise.resolve(),
    };
    const output = await run.execute(job, context);
    await end(job);
    return { ...job, output };
  };
  const enrol = async (first: number, count: number): Promise<readonly string[]> => {
    const made = Array.from({ length: count }, (_, index) => newFace(unitVector(first + index)));
    for (const [index, face] of made.entries())
      await faces.enrol(enrolmentOf({ ...key, subjectId: `s${first + index}` }, [face]));
    return made.map(({ id }) => id);
  };
  const search = async (seed: number) => {
    const query = { collection: key, modelVersion: 'net-1', probe: unitVector(seed), maximumCandidates: 1 };
    return new PgvectorSearch(test.database).search({ ...query, method: 'approximate' }, never);
  };
  const found = async (seed: number) => (await search(seed)).candidates[0]?.subjectId;
  const unencrypted = async (): Promise<number> =>
    (
      await test.database.rows(
        'SELECT 1 FROM searchable_templates i JOIN collections c ON c.uid = i.collection_uid WHERE c.id = $1',
        [key.collectionId],
      )
    ).length;

  it('is refused where there is no pgvector, and no job is queued', async ({ skip }) => {
    if (hasVector) return skip('this database has pgvector');
    await expect(queue()).rejects.toMatchObject({ reason: 'SEARCH_UNAVAILABLE' });
    expect(
      await new JobQueue(test.database).list({ limit: 10, after: undefined }, { kind: 'indexing' }),
    ).toEqual([]);
  });

  it('finds then what was enrolled before, during and after, and not what was deleted', async ({ skip }) => {
    if (!hasVector) return skip('this database has no pgvector');
    const before = await enrol(1, 25);
    const job = await queue();
    await expect(queue()).rejects.toMatchObject({ reason: 'JOB_ALREADY_ACTIVE' });
    let others: Promise<unknown> | undefined;
    const done = await work(job, never, () => {
      others ??= (async () => {
        await enrol(100, 3);
        await faces.delete({ ...key, subjectId: 's2', faceId: before[1]! }, someCaller);
      })();
    });
    await others;
    expect(indexingProgressOf(done)).toMatchObject({ damaged: 0 });
    await enrol(200, 1);
    for (const seed of [1, 25, 100, 102, 200]) expect(await found(seed)).toBe(`s${seed}`);
    expect(await found(2)).not.toBe('s2');
    const { candidates, faceCount } = await search(3);
    expect(candidates[0]?.similarity).toBe(cosineSimilarity(unitVector(3), unitVector(3)));
    expect(faceCount).toBe(28);
    expect(await unencrypted()).toBe(28);
    expect(await collections.get(key)).toMatchObject({ searchable: true });
  });

  it('keeps nothing unencrypted once it is removed', async ({ skip }) => {
    if (!hasVector) return skip('this database has no pgvector');
    await enrol(1, 3);
    await work(await queue());
    await work(await queue(true));
    expect(await collections.get(key)).toMatchObject({ searchable: false });
    expect(await unencrypted()).toBe(0);
    await enrol(10, 1);
    expect(await unencrypted()).toBe(0);
    await expect(search(1)).rejects.toMatchObject({ reason: 'COLLECTION_NOT_SEARCHABLE' });
    await work(await queue());
    expect(await found(10)).toBe('s10');
  });

  it('goes on where an attempt was killed, and until then is no index', async ({ skip }) => {
    if (!hasVector) return skip('this database has no pgvector');
    await enrol(1, 25);
    const job = await queue();
    const stop = new AbortController();
    let reports = 0;
    const attempt = run.execute(job, {
      signal: stop.signal,
      report: () => {
        if (++reports === 3) stop.abort(new Error('killed'));
      },
      succeed: () => undefined,
      requireHeld: () => Promise.resolve(),
    });
    await expect(attempt).rejects.toThrow(/killed|aborted/u);
    if (test.database.folder === undefined)
      await expect(search(1)).rejects.toMatchObject({ reason: 'COLLECTION_NOT_SEARCHABLE' });
    await enrol(100, 1);
    await work(job);
    for (const seed of [1, 13, 25, 100]) expect(await found(seed)).toBe(`s${seed}`);
    expect(await unencrypted()).toBe(26);
  });

  it('leaves nothing unencrypted of an index that is never finished', async ({ skip }) => {
    if (!hasVector) return skip('this database has no pgvector');
    await enrol(1, 3);
    const job = await queue();
    const stopped = AbortSignal.abort(new Error('cancelled'));
    await expect(
      run.execute(job, {
        signal: stopped,
        report: () => undefined,
        succeed: () => undefined,
        requireHeld: () => Promise.resolve(),
      }),
    ).rejects.toThrow(/cancelled|aborted/u);
    await enrol(10, 1);
    await run.removeLeft({ ...job, state: 'cancelled' });
    await end(job);
    expect(await collections.get(key)).toMatchObject({ searchable: false });
    expect(await unencrypted()).toBe(0);
  });

  it('takes nothing from a collection that was made searchable, whatever becomes of the job', async ({
    skip,
  }) => {
    if (!hasVector) return skip('this database has no pgvector');
    await enrol(1, 3);
    await work(await queue());
    const job = await queue();
    await run.removeLeft({ ...job, state: 'cancelled' });
    await end(job);
    expect(await found(2)).toBe('s2');
  });

  it('searches by an index of an earlier setting, and makes it anew when asked where others are served meanwhile', async ({
    skip,
  }) => {
    if (!hasVector) return skip('this database has no pgvector');
    const indexNames = async (): Promise<readonly string[]> => {
      const { uid } = await findCollection(test.database, key);
      const rows = await test.database.rows<{ readonly name: string }>(
        'SELECT indexname AS name FROM pg_indexes WHERE starts_with(indexname, $1) ORDER BY 1',
        [`hnsw_${uid}_`],
      );
      return rows.map(({ name }) => name.replace(/^hnsw_\d+_[0-9a-f]{16}/u, ''));
    };
    await enrol(1, 3);
    // As a pgvector before 0.7.
    await requireVectorIndex(test.database);
    await test.database.rows('ALTER TYPE halfvec RENAME TO not_yet_halfvec');
    await work(await queue());
    expect(await indexNames()).toEqual(['']);
    expect(await found(2)).toBe('s2');
    await test.database.rows('ALTER TYPE not_yet_halfvec RENAME TO halfvec');
    await enrol(10, 1);
    expect(await indexNames()).toEqual(['']);
    expect(await found(10)).toBe('s10');
    await work(await queue());
    expect(await indexNames()).toEqual([test.database.folder === undefined ? '_halves' : '']);
    for (const seed of [1, 2, 3, 10]) expect(await found(seed)).toBe(`s${seed}`);
    expect((await search(3)).candidates[0]?.similarity).toBe(cosineSimilarity(unitVector(3), unitVector(3)));
  });

  it('keeps the embeddings within their rows, also of a table that an earlier version made', async ({
    skip,
  }) => {
    if (!hasVector) return skip('this database has no pgvector');
    await requireVectorIndex(test.database);
    const options = async (): Promise<unknown> =>
      test.database.rows(`SELECT reloptions FROM pg_class WHERE relname = 'searchable_templates'`);
    const made = await options();
    expect(made).toEqual([{ reloptions: ['toast_tuple_target=8160'] }]);
    await test.database.rows('ALTER TABLE searchable_templates RESET (toast_tuple_target)');
    await requireVectorIndex(test.database);
    expect(await options()).toEqual(made);
  });

  it('leaves out templates that are damaged, and counts them', async ({ skip }) => {
    if (!hasVector) return skip('this database has no pgvector');
    const [, damaged] = await enrol(1, 3);
    await test.database.rows("UPDATE templates SET sealed = '\\x00' WHERE face_id = $1", [damaged]);
    const done = await work(await queue());
    expect(indexingProgressOf(done)).toMatchObject({ damaged: 1 });
    expect(await unencrypted()).toBe(2);
  });

  it('tells of a collection that is gone', async ({ skip }) => {
    if (!hasVector) return skip('this database has no pgvector');
    const job = await queue();
    await collections.delete(key, someCaller);
    await expect(work(job)).rejects.toMatchObject({ reason: 'COLLECTION_NOT_FOUND' });
    await end(job);
  });
});
