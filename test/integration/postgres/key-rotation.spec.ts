import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { sealedColumns } from '../../../src/service/encryption/sealed-columns.js';
import { SealedValueStore } from '../../../src/service/encryption/sealed-value.store.js';
import { ExactGallerySearch } from '../../../src/service/enrolment/gallery/exact-gallery-search.js';
import { GalleryWorker } from '../../../src/service/enrolment/gallery/gallery-worker.js';
import { PostgresGallerySource } from '../../../src/service/enrolment/gallery/postgres-gallery-source.js';
import { JobQueue } from '../../../src/service/jobs/job-queue.js';
import { TrainingKeys } from '../../../src/service/lifecycle/retraining/training-keys.js';
import type { DataKeys } from '../../../src/service/platform/encryption/data-keys.js';
import { sealCrop } from '../../../src/storage/encryption/sealed-records.js';
import { oneKey, SecretBox } from '../../../src/storage/encryption/secret-box.js';
import { describeOnEveryDatabase, openTestDatabase } from '../../support/databases.js';
import { enrolmentOf, faceFromEmbedding, unitVector } from '../../support/enrolments.js';
import { keyAdministrator, keyModel, KeySuite, keySubject, neverAborted } from '../../support/key-suite.js';

const program = fileURLToPath(new URL('../../support/key-rotator.mjs', import.meta.url));
const galleryThread = fileURLToPath(
  new URL('../../../dist/service/enrolment/gallery/gallery-thread.js', import.meta.url),
);

describeOnEveryDatabase('data keys', (test) => {
  const suite = new KeySuite(test);
  let children: ChildProcess[];

  beforeEach(async () => {
    children = [];
    await suite.begin();
  });

  afterEach(() => {
    for (const child of children) child.kill('SIGKILL');
  });

  it('are rotated beside enrolments and searches, of which none fails or misses a face', async () => {
    await suite.enrol('ada', 120);
    await suite.faces().enrol(enrolmentOf(keySubject('ada'), [faceFromEmbedding(unitVector(400))]));
    const digest = suite.faces().digestOf(keySubject('ada'), Buffer.from('a photograph'));
    const worker = new GalleryWorker(test.keys, () => undefined, galleryThread);
    const limits = { maximumBytes: 1e8, templatesPerRead: 50, idleMs: 1e9 };
    // A new one each time reads the whole collection.
    const gallery = () =>
      new ExactGallerySearch(new PostgresGallerySource(test.database), worker, limits, {
        onDamaged: (id) => suite.damaged.push(id),
        onReading: () => undefined,
      });
    const query = {
      modelVersion: keyModel,
      probe: unitVector(400),
      maximumCandidates: 1,
    };
    const search = async (exact: ExactGallerySearch) =>
      exact.search({ ...query, collection: keySubject(''), method: 'exact' }, neverAborted);

    const job = await suite.rotate();
    const over = new AbortController();
    const rotation = suite.run(job).finally(() => {
      over.abort();
    });
    let enrolled = 0;
    do {
      await suite.enrol(`person-${enrolled++}`, 1);
      const { candidates, faceCount, damagedFaceCount } = await search(gallery());
      expect({ first: candidates[0]?.subjectId, damagedFaceCount }).toEqual({
        first: 'ada',
        damagedFaceCount: 0,
      });
      expect(faceCount).toBe(121 + enrolled);
      expect(await suite.readable('ada')).toBe(121);
    } while (!over.signal.aborted);
    const done = await rotation;
    await worker.close();
    expect(done).toMatchObject({ phase: 'waiting', damaged: 0, destroyed: [1] });
    expect(done.sealed).toBeGreaterThanOrEqual(241);
    expect(await suite.status()).toMatchObject([
      { number: 2, crops: 120 + enrolled, templates: 121 + enrolled },
    ]);
    expect(suite.damaged).toEqual([]);
    expect(suite.faces().digestOf(keySubject('ada'), Buffer.from('a photograph'))).toEqual(digest);
    // A face without a crop needs none of the keys that are destroyed.
    await suite.faces().enrol(enrolmentOf(keySubject('ada'), [faceFromEmbedding(unitVector(401))]));
    // Nothing of it stands in the way of the next one.
    expect((await suite.run(await suite.rotate())).destroyed).toEqual([2]);
  }, 60_000);

  it('are rotated to the end by another process where the first one is killed', async () => {
    await suite.enrol('ada', 300);
    const job = await suite.rotate();
    const { databaseUrl, dataFolder } = test.settings;
    if (databaseUrl === undefined) await test.database.close();
    const child = spawn(process.execPath, [program, databaseUrl ?? dataFolder], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    for await (const text of child.stdout as AsyncIterable<Buffer>) {
      if (
        text
          .toString()
          .split('\n')
          .some((line) => Number(line) >= 100)
      )
        break;
    }
    child.kill('SIGKILL');
    await once(child, 'exit');
    if (databaseUrl === undefined) {
      await test.reopen();
    }
    const counts = await new SealedValueStore(test.database).counts();
    const [before, after] = [1, 2].map(
      (number) => (counts.get(number)?.crops ?? 0) + (counts.get(number)?.templates ?? 0),
    );
    expect(after).toBeGreaterThanOrEqual(100);
    expect(before! + after!).toBe(600);
    const left = await new JobQueue(test.database).get(job.id);
    const done = await suite.run(left);
    expect(done.destroyed).toEqual([1]);
    expect(await suite.numbers()).toEqual([2]);
    expect(await suite.readable('ada')).toBe(300);
  }, 60_000);

  it('are not destroyed while a value or a training needs them, even by whoever has not heard of the new one', async () => {
    await suite.enrol('ada', 2);
    const queue = new JobQueue(test.database);
    const training = await queue.enqueue({
      kind: 'training',
      input: {},
      requester: keyAdministrator,
      details: {},
    });
    const trainings = new TrainingKeys(test.database, test.keys);
    const key = await trainings.make(training.id);
    const stop = new AbortController();
    const job = await suite.rotate();
    const waiting = suite.run(job, { signal: stop.signal });
    await expect
      .poll(async () => (await suite.status())[0])
      .toMatchObject({ number: 1, crops: 0, trainings: 1 });
    expect(await trainings.find(training.id)).toEqual(key);
    await expect(test.database.rows('DELETE FROM data_keys WHERE number = 1')).rejects.toThrow(/23503/u);
    // One that goes by what it read a while ago seals by the old key: that is sealed anew.
    const late = new SecretBox(oneKey((await test.keys.toOpen([])).numbered.keys.get(1)!));
    const stale = {
      toSeal: () => Promise.resolve(late),
      digestKey: test.keys.digestKey,
    } as unknown as DataKeys;
    await suite.enrol('late', 1, suite.faces(stale));
    await expect
      .poll(async () => (await suite.status())[0])
      .toMatchObject({ number: 1, crops: 0, templates: 0 });
    await suite.end(training);
    expect((await waiting).destroyed).toEqual([1]);
    expect(await suite.readable('late')).toBe(1);
    // Now it is too late: nothing is written that nobody could open.
    await expect(suite.enrol('too-late', 1, suite.faces(stale))).rejects.toThrow(/23503/u);
  });

  it('stay as long as another process may not know of the new one', async () => {
    await suite.enrol('ada', 1);
    const stop = new AbortController();
    const waiting = suite.run(await suite.rotate(), { knownAfterMs: 1e6, signal: stop.signal });
    await expect.poll(async () => (await suite.status()).map(({ crops }) => crops)).toEqual([0, 1]);
    stop.abort();
    await expect(waiting).rejects.toThrow();
    expect(await suite.numbers()).toEqual([1, 2]);
  });

  it('are told of where a value is damaged, which holds nothing up', async () => {
    await suite.enrol('ada', 3);
    const [{ id } = { id: '' }] = await test.database.rows<{ id: string }>('SELECT id FROM faces LIMIT 1');
    await test.database.rows(
      'UPDATE faces SET sealed_crop = set_byte(sealed_crop, 20, (get_byte(sealed_crop, 20) + 1) % 256) WHERE id = $1',
      [id],
    );
    expect(await suite.run(await suite.rotate())).toMatchObject({ damaged: 1, destroyed: [1], sealed: 5 });
    expect(suite.damaged).toEqual(['crops']);
    const [row] = await test.database.rows<{ key: number | null; there: boolean }>(
      'SELECT data_key AS key, sealed_crop IS NOT NULL AS there FROM faces WHERE id = $1',
      [id],
    );
    expect(row).toEqual({ key: null, there: true });
  });

  it('pass over what is deleted or changed meanwhile', async () => {
    await suite.enrol('ada', 2);
    await suite.rotate();
    const [crops] = sealedColumns;
    const values = new SealedValueStore(test.database);
    const box = await test.keys.toSeal();
    const [gone, changed] = await values.sealedByOthers(crops!, 2, undefined, 10);
    await test.database.rows('DELETE FROM faces WHERE id = $1', [gone!.key[0]]);
    const other = Buffer.from(sealCrop(box, String(changed!.key[0]), Buffer.from('changed')));
    await test.database.rows('UPDATE faces SET sealed_crop = $1, data_key = 2 WHERE id = $2', [
      other,
      changed!.key[0],
    ]);
    const anew = [gone!, changed!].map((before) => ({ before, sealed: other }));
    expect(await values.replace(crops!, anew, 2)).toBe(0);
  });

  it('are named by the rows that they open, as the database sees to', async () => {
    await suite.enrol('ada', 1);
    await suite.run(await suite.rotate());
    for (const { table, column } of sealedColumns.slice(0, 2)) {
      const wrong = test.database.rows(
        `UPDATE ${table} SET ${column} = '\\x01' || substring(${column} FROM 2)`,
      );
      await expect(wrong).rejects.toThrow(/23514/u);
    }
  });

  it('are learnt of by another process of the database by itself', async (context) => {
    if (test.settings.databaseUrl === undefined) return context.skip('an embedded database has one process');
    const other = await openTestDatabase(test.settings);
    try {
      const theirs = suite.faces(other.keys, other.database);
      await suite.enrol('ada', 2);
      expect(await suite.readable('ada', theirs)).toBe(2);
      const job = await suite.rotate();
      await suite.enrol('new', 1);
      // What it has not heard of yet is looked up.
      expect(await suite.readable('new', theirs)).toBe(1);
      // What it seals until then is sealed anew.
      await suite.enrol('theirs', 1, theirs);
      expect((await suite.run(job)).destroyed).toEqual([1]);
      for (const store of [suite.faces(), theirs]) {
        expect(await suite.readable('ada', store)).toBe(2);
        expect(await suite.readable('theirs', store)).toBe(1);
      }
      expect(suite.damaged).toEqual([]);
    } finally {
      await other.database.close();
    }
  });

  it('are rotated once at a time, and both ends are recorded', async () => {
    const job = await suite.rotate();
    await expect(suite.rotate()).rejects.toMatchObject({ reason: 'JOB_ALREADY_ACTIVE' });
    expect(await suite.numbers()).toEqual([1, 2]);
    const [event] = await test.database.rows<object>(
      'SELECT action, target, details FROM audit_events ORDER BY sequence DESC LIMIT 1',
    );
    expect(event).toEqual({
      action: 'key-rotation.create',
      target: `jobs/${job.id}`,
      details: { data_key: '2' },
    });
  });
});
