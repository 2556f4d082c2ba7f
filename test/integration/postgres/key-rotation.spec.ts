import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { DestroyDataKeys } from '../../../src/service/encryption/destroy-data-keys.js';
import { EncryptionStatus } from '../../../src/service/encryption/encryption-status.js';
import type { KeyRotationProgress } from '../../../src/service/encryption/key-rotation.js';
import { RewrapDataKeys } from '../../../src/service/encryption/rewrap-data-keys.js';
import { RotateDataKey } from '../../../src/service/encryption/rotate-data-key.js';
import { RunKeyRotation } from '../../../src/service/encryption/run-key-rotation.js';
import { sealedColumns } from '../../../src/service/encryption/sealed-columns.js';
import { SealedValueStore } from '../../../src/service/encryption/sealed-value.store.js';
import { CollectionStore } from '../../../src/service/enrolment/collections/collection.store.js';
import { EnrolledFaceStore } from '../../../src/service/enrolment/faces/enrolled-face.store.js';
import { DamagedTemplates } from '../../../src/service/enrolment/faces/damaged-templates.js';
import { ExactGallerySearch } from '../../../src/service/enrolment/gallery/exact-gallery-search.js';
import { GalleryWorker } from '../../../src/service/enrolment/gallery/gallery-worker.js';
import { PostgresGallerySource } from '../../../src/service/enrolment/gallery/postgres-gallery-source.js';
import type { Job } from '../../../src/service/jobs/job.js';
import { JobQueue } from '../../../src/service/jobs/job-queue.js';
import { TrainingKeys } from '../../../src/service/lifecycle/retraining/training-keys.js';
import type { Database } from '../../../src/service/platform/database/database.js';
import { openDatabase } from '../../../src/service/platform/database/open-database.js';
import { DataKeys } from '../../../src/service/platform/encryption/data-keys.js';
import { tables } from '../../../src/service/tables.js';
import { MasterKey } from '../../../src/storage/encryption/master-key.js';
import { sealCrop, sealTemplate } from '../../../src/storage/encryption/sealed-records.js';
import { DecryptionError, oneKey, SecretBox } from '../../../src/storage/encryption/secret-box.js';
import { describeOnEveryDatabase, openTestDatabase, testMasters } from '../../support/databases.js';
import { enrolmentOf, faceFromEmbedding, newFace, someCaller, unitVector } from '../../support/enrolments.js';

const model = 'net-1';
const requester = { actor: 'apiKeys/admin', tenant: 'default' };
const program = fileURLToPath(new URL('../../support/key-rotator.mjs', import.meta.url));
const galleryThread = fileURLToPath(
  new URL('../../../dist/service/enrolment/gallery/gallery-thread.js', import.meta.url),
);
const never = new AbortController().signal;
const subjectOf = (subjectId: string) => ({ tenant: someCaller.tenant, collectionId: 'rotated', subjectId });

describeOnEveryDatabase('keys', (test) => {
  let faces: EnrolledFaceStore;
  let damaged: string[];
  let children: ChildProcess[];

  const storeOf = (database: Database, keys: DataKeys): EnrolledFaceStore =>
    new EnrolledFaceStore(database, keys, new DamagedTemplates((faceId) => damaged.push(faceId)));
  const rotate = async (keys = test.keys, database = test.database): Promise<Job> =>
    new RotateDataKey(database, keys, { wake: () => undefined }).execute(requester);
  const runner = (keys = test.keys, database = test.database, more: { knownAfterMs?: number } = {}) =>
    new RunKeyRotation({
      keys,
      values: new SealedValueStore(database),
      destroy: new DestroyDataKeys(database, more.knownAfterMs ?? 0),
      onDamaged: (column) => damaged.push(column),
      lookEveryMs: 20,
    });
  const run = async (job: Job, work = runner(), signal = never): Promise<KeyRotationProgress> => {
    const output = await work.execute(job, { signal, report: () => undefined, succeed: () => undefined });
    await end(job);
    return output as unknown as KeyRotationProgress;
  };
  const end = async (job: Job): Promise<unknown> =>
    test.database.rows("UPDATE jobs SET state = 'succeeded', end_time = now() WHERE id = $1", [job.id]);
  const status = async (keys = test.keys) =>
    new EncryptionStatus(test.database, keys, new SealedValueStore(test.database)).dataKeys();
  const numbers = async (): Promise<readonly number[]> => (await status()).map(({ number }) => number);
  const enrol = async (subjectId: string, count: number, store = faces): Promise<void> => {
    const made = Array.from({ length: count }, (_, index) => newFace(unitVector(index + 1)));
    expect(await store.enrol(enrolmentOf(subjectOf(subjectId), made))).toBe('stored');
  };
  /** Opens everything that a subject has. @returns how many faces that are */
  const readable = async (subjectId: string, store = faces): Promise<number> => {
    const { templates, damagedCount } = await store.templatesOf(subjectOf(subjectId), model);
    expect(damagedCount).toBe(0);
    for (const { faceId } of templates) {
      const crop = await store.cropOf({ ...subjectOf(subjectId), faceId });
      if (crop !== undefined) expect(Buffer.from(crop.encoded).toString()).toBe('the bytes of a crop');
    }
    return templates.length;
  };

  beforeEach(async () => {
    damaged = [];
    children = [];
    await test.database.rows('DELETE FROM jobs');
    await test.database.rows('DELETE FROM collections');
    await test.database.rows('DELETE FROM data_keys');
    await test.database.rows('DELETE FROM encryption_checks');
    Object.assign(test, { keys: await DataKeys.open(test.database, testMasters) });
    faces = storeOf(test.database, test.keys);
    await new CollectionStore(test.database).create(
      subjectOf(''),
      { displayName: '', qualityGate: {}, searchable: false, defaultConsentToTrain: false },
      someCaller,
    );
  });

  afterEach(() => {
    for (const child of children) child.kill('SIGKILL');
  });

  it('of before become the first data key, so that nothing stored is rewritten', async () => {
    const former = new SecretBox(oneKey(testMasters.configured.key));
    await enrol('ada', 1);
    const [face] = (await faces.templatesOf(subjectOf('ada'), model)).templates;
    await test.database.rows('UPDATE faces SET sealed_crop = $1', [
      Buffer.from(sealCrop(former, face!.faceId, Buffer.from('the bytes of a crop'))),
    ]);
    await test.database.rows('UPDATE templates SET sealed = $1', [
      Buffer.from(sealTemplate(former, face!.faceId, model, unitVector(1))),
    ]);
    // As a database of before has it.
    await test.database.rows('ALTER TABLE faces DISABLE TRIGGER ALL');
    await test.database.rows('ALTER TABLE templates DISABLE TRIGGER ALL');
    await test.database.rows('ALTER TABLE data_keys DISABLE TRIGGER ALL');
    await test.database.rows('DELETE FROM data_keys');
    for (const table of ['faces', 'templates', 'data_keys'])
      await test.database.rows(`ALTER TABLE ${table} ENABLE TRIGGER ALL`);
    const sealed = Buffer.from(former.seal(Buffer.from('symface encryption check'), 'encryption check'));
    await test.database.rows('INSERT INTO encryption_checks (id, sealed) VALUES (1, $1)', [sealed]);

    const wrong = { configured: new MasterKey(new Uint8Array(32).fill(8)), previous: undefined };
    await expect(DataKeys.open(test.database, wrong)).rejects.toThrow(/another key.*PREVIOUS_KEY_FILE/u);
    // The new key is configured at the update already: the key of before opens, and seals until "rewrap".
    const both = { configured: wrong.configured, previous: testMasters.configured };
    const keys = await DataKeys.open(test.database, both);
    expect(await readable('ada', storeOf(test.database, keys))).toBe(1);
    expect(await status(keys)).toMatchObject([
      { number: 1, masterKeyId: testMasters.configured.id, crops: 1 },
    ]);
    expect(Buffer.from(keys.digestKey)).not.toEqual(Buffer.from(test.keys.digestKey));
  });

  it('are rotated beside enrolments and searches, of which none fails or misses a face', async () => {
    await enrol('ada', 120);
    await faces.enrol(enrolmentOf(subjectOf('ada'), [faceFromEmbedding(unitVector(400))]));
    const digest = faces.digestOf(subjectOf('ada'), Buffer.from('a photograph'));
    const worker = new GalleryWorker(test.keys, () => undefined, galleryThread);
    const limits = { maximumBytes: 1e8, templatesPerRead: 50, idleMs: 1e9 };
    // A new one each time reads the whole collection.
    const gallery = () =>
      new ExactGallerySearch(new PostgresGallerySource(test.database), worker, limits, (id) =>
        damaged.push(id),
      );
    const query = {
      modelVersion: model,
      probe: unitVector(400),
      maximumCandidates: 1,
    };
    const search = async (exact: ExactGallerySearch) =>
      exact.search({ ...query, collection: subjectOf(''), method: 'exact' }, never);

    const job = await rotate();
    const over = new AbortController();
    const rotation = run(job).finally(() => {
      over.abort();
    });
    let enrolled = 0;
    do {
      await enrol(`person-${enrolled++}`, 1);
      const { candidates, faceCount, damagedFaceCount } = await search(gallery());
      expect({ first: candidates[0]?.subjectId, damagedFaceCount }).toEqual({
        first: 'ada',
        damagedFaceCount: 0,
      });
      expect(faceCount).toBe(121 + enrolled);
      expect(await readable('ada')).toBe(121);
    } while (!over.signal.aborted);
    const done = await rotation;
    await worker.close();
    expect(done).toMatchObject({ phase: 'waiting', damaged: 0, destroyed: [1] });
    expect(done.sealed).toBeGreaterThanOrEqual(241);
    expect(await status()).toMatchObject([{ number: 2, crops: 120 + enrolled, templates: 121 + enrolled }]);
    expect(damaged).toEqual([]);
    expect(faces.digestOf(subjectOf('ada'), Buffer.from('a photograph'))).toEqual(digest);
    // Nothing of it stands in the way of the next one.
    expect((await run(await rotate())).destroyed).toEqual([2]);
  }, 60_000);

  it('are rotated to the end by another process where the first one is killed', async () => {
    await enrol('ada', 300);
    const job = await rotate();
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
      faces = storeOf(test.database, test.keys);
    }
    const counts = await new SealedValueStore(test.database).counts();
    const [before, after] = [1, 2].map(
      (number) => (counts.get(number)?.crops ?? 0) + (counts.get(number)?.templates ?? 0),
    );
    expect(after).toBeGreaterThanOrEqual(100);
    expect(before! + after!).toBe(600);
    const left = await new JobQueue(test.database).get(job.id);
    const done = await run(left);
    expect(done.destroyed).toEqual([1]);
    expect(await numbers()).toEqual([2]);
    expect(await readable('ada')).toBe(300);
  }, 60_000);

  it('are not destroyed while a value or a training needs them, even by whoever has not heard of the new one', async () => {
    await enrol('ada', 2);
    const queue = new JobQueue(test.database);
    const training = await queue.enqueue({ kind: 'training', input: {}, requester, details: {} });
    const trainings = new TrainingKeys(test.database, test.keys);
    const key = await trainings.make(training.id);
    const stop = new AbortController();
    const job = await rotate();
    const waiting = run(job, runner(), stop.signal);
    await expect.poll(async () => (await status())[0]).toMatchObject({ number: 1, crops: 0, trainings: 1 });
    expect(await trainings.find(training.id)).toEqual(key);
    await expect(test.database.rows('DELETE FROM data_keys WHERE number = 1')).rejects.toThrow(/23503/u);
    // One that goes by what it read a while ago seals by the old key: that is sealed anew.
    const late = new SecretBox(oneKey((await test.keys.toOpen([])).numbered.keys.get(1)!));
    const stale = {
      toSeal: () => Promise.resolve(late),
      digestKey: test.keys.digestKey,
    } as unknown as DataKeys;
    await enrol('late', 1, storeOf(test.database, stale));
    await expect.poll(async () => (await status())[0]).toMatchObject({ number: 1, crops: 0, templates: 0 });
    await test.database.rows("UPDATE jobs SET state = 'succeeded', end_time = now() WHERE id = $1", [
      training.id,
    ]);
    expect((await waiting).destroyed).toEqual([1]);
    expect(await readable('late')).toBe(1);
    // Now it is too late: nothing is written that nobody could open.
    await expect(enrol('too-late', 1, storeOf(test.database, stale))).rejects.toThrow(/23503/u);
  });

  it('stay as long as another process may not know of the new one', async () => {
    await enrol('ada', 1);
    const stop = new AbortController();
    const waiting = run(await rotate(), runner(test.keys, test.database, { knownAfterMs: 1e6 }), stop.signal);
    await expect.poll(async () => (await status()).map(({ crops }) => crops)).toEqual([0, 1]);
    stop.abort();
    await expect(waiting).rejects.toThrow();
    expect(await numbers()).toEqual([1, 2]);
  });

  it('are told of where a value is damaged, which holds nothing up', async () => {
    await enrol('ada', 3);
    const [{ id } = { id: '' }] = await test.database.rows<{ id: string }>('SELECT id FROM faces LIMIT 1');
    await test.database.rows(
      'UPDATE faces SET sealed_crop = set_byte(sealed_crop, 20, (get_byte(sealed_crop, 20) + 1) % 256) WHERE id = $1',
      [id],
    );
    expect(await run(await rotate())).toMatchObject({ damaged: 1, destroyed: [1], sealed: 5 });
    expect(damaged).toEqual(['crops']);
    const [row] = await test.database.rows<{ key: number | null; there: boolean }>(
      'SELECT data_key AS key, sealed_crop IS NOT NULL AS there FROM faces WHERE id = $1',
      [id],
    );
    expect(row).toEqual({ key: null, there: true });
  });

  it('pass over what is deleted or changed meanwhile', async () => {
    await enrol('ada', 2);
    await rotate();
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
    await enrol('ada', 1);
    await run(await rotate());
    for (const { table, column } of sealedColumns.slice(0, 2)) {
      const wrong = test.database.rows(
        `UPDATE ${table} SET ${column} = '\\x01' || substring(${column} FROM 2)`,
      );
      await expect(wrong).rejects.toThrow(/23514/u);
    }
  });

  it('are sealed anew by a new master key, without which a copy of the database opens nothing', async () => {
    await enrol('ada', 2);
    const former = testMasters.configured;
    const masters = { configured: new MasterKey(new Uint8Array(32).fill(9)), previous: former };
    const keys = await DataKeys.open(test.database, masters);
    await run(await rotate(keys), runner(keys));
    expect(await status(keys)).toMatchObject([{ number: 2, masterKeyId: former.id }]);
    expect(await new RewrapDataKeys(test.database, keys).execute(requester)).toBe(2);
    expect(await new RewrapDataKeys(test.database, keys).execute(requester)).toBe(0);
    expect(await status(keys)).toMatchObject([{ number: 2, masterKeyId: masters.configured.id }]);
    const [event] = await test.database.rows<object>(
      'SELECT actor, action, target, details FROM audit_events ORDER BY sequence DESC LIMIT 1',
    );
    expect(event).toEqual({
      actor: requester.actor,
      action: 'encryption.rewrap',
      target: `masterKeys/${masters.configured.id}`,
      details: { keys: '2' },
    });
    await expect(DataKeys.open(test.database, testMasters)).rejects.toThrow(
      new RegExp(`another key \\(master key ${masters.configured.id}\\)`, 'u'),
    );
    expect(await opened(former)).toBe(0);
    expect(await opened(masters.configured)).toBe(4);
    const alone = await DataKeys.open(test.database, { configured: masters.configured, previous: undefined });
    expect(await readable('ada', storeOf(test.database, alone))).toBe(2);
  });

  /** How many of all values whoever has a copy of the database and a master key can open. */
  async function opened(master: MasterKey): Promise<number> {
    const rows = await test.database.rows<{ number: number; sealed: Buffer }>(
      'SELECT number, sealed FROM data_keys',
    );
    const known = new Map<number, Uint8Array>([[1, master.key]]);
    for (const { number, sealed } of rows) {
      try {
        known.set(number, master.openDataKey(number, sealed));
      } catch (error) {
        expect(error).toBeInstanceOf(DecryptionError);
      }
    }
    const box = new SecretBox({ current: 1, keys: known });
    let count = 0;
    for (const column of sealedColumns) {
      for (const { key, sealed } of await new SealedValueStore(test.database).sealedByOthers(
        column,
        0,
        undefined,
        99,
      )) {
        try {
          box.open(sealed ?? Buffer.of(), column.contextOf(key));
          count++;
        } catch (error) {
          expect(error).toBeInstanceOf(DecryptionError);
        }
      }
    }
    return count;
  }

  it('are learnt of by another process of the database by itself', async (context) => {
    if (test.settings.databaseUrl === undefined) return context.skip('an embedded database has one process');
    const other = await openTestDatabase(test.settings);
    try {
      const theirs = storeOf(other.database, other.keys);
      await enrol('ada', 2);
      expect(await readable('ada', theirs)).toBe(2);
      const job = await rotate();
      await enrol('new', 1);
      // What it has not heard of yet is looked up.
      expect(await readable('new', theirs)).toBe(1);
      // What it seals until then is sealed anew.
      await enrol('theirs', 1, theirs);
      expect((await run(job)).destroyed).toEqual([1]);
      for (const store of [faces, theirs]) {
        expect(await readable('ada', store)).toBe(2);
        expect(await readable('theirs', store)).toBe(1);
      }
      expect(damaged).toEqual([]);
    } finally {
      await other.database.close();
    }
  });

  it('of a master key that a process was not given are refused in words, and drop no face', async () => {
    await enrol('ada', 1);
    const configured = new MasterKey(new Uint8Array(32).fill(9));
    const changed = await DataKeys.open(test.database, { configured, previous: testMasters.configured });
    await new RewrapDataKeys(test.database, changed).execute(requester);
    const job = await rotate(changed);
    // This process goes on with what it knows.
    expect(await readable('ada')).toBe(1);
    await enrol('new', 1, storeOf(test.database, changed));
    await run(job, runner(changed));
    await expect(readable('ada')).rejects.toMatchObject({
      reason: 'ENCRYPTION_KEY_UNKNOWN',
      metadata: { data_key: '2', master_key_id: configured.id },
    });
    await test.keys.read();
    await expect(enrol('bob', 1)).rejects.toMatchObject({ reason: 'ENCRYPTION_KEY_UNKNOWN' });
    expect(damaged).toEqual([]);
  });

  it('are rotated once at a time, and both ends are recorded', async () => {
    const job = await rotate();
    await expect(rotate()).rejects.toMatchObject({ reason: 'JOB_ALREADY_ACTIVE' });
    expect(await numbers()).toEqual([1, 2]);
    const [event] = await test.database.rows<object>(
      'SELECT action, target, details FROM audit_events ORDER BY sequence DESC LIMIT 1',
    );
    expect(event).toEqual({
      action: 'key-rotation.create',
      target: `jobs/${job.id}`,
      details: { data_key: '2' },
    });
  });

  it('are opened with one database handle and closed with it', async () => {
    const { databaseUrl } = test.settings;
    if (databaseUrl === undefined) await test.database.close();
    const database = await openDatabase(test.settings, tables);
    const again = await Promise.all([1, 2].map(async () => DataKeys.open(database, testMasters)));
    expect(again.map(({ digestKey }) => Buffer.from(digestKey).toString('hex'))).toEqual(
      Array.from({ length: 2 }, () => Buffer.from(test.keys.digestKey).toString('hex')),
    );
    await database.close();
    if (databaseUrl === undefined) await test.reopen();
  });
});
