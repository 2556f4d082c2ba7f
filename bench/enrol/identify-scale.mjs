/**
 * What a search costs as a collection grows: exact, in the gallery's threads, and approximate, by pgvector's HNSW, over
 * the same templates. 250 real faces (CFP, one photograph each) among faces that are made of them; probes are other photographs
 * of those 250, up to 1,000. Identify asks for 2 N + 20 candidates where a caller asks for N.
 *
 *   node bench/enrol/identify-scale.mjs [--sizes 10000,100000] [--data ../shared/data/cfp] [--index] [--probes 250] [--candidates 10]
 *     [--keep FILE [--remove]]
 *
 * In the database of DATABASE_URL, in collections of its own that it deletes, or else in an embedded one in a folder of its own. With
 * --index each collection is then given its index, by the job that IndexCollection queues. Times are of the search alone, without
 * detection and embedding.
 *
 * A million faces take an hour to fill in and to index, and the machine may be busy in it. --keep FILE leaves collections and indexes in the
 * database and writes down in FILE, which is a secret, what opens them; with a FILE that is there, they are searched again, and deleted with --remove.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { dataKeyOf } from '../../dist/storage/encryption/secret-box.js';
import { MasterKey } from '../../dist/storage/encryption/master-key.js';
import { sealTemplate } from '../../dist/storage/encryption/sealed-records.js';
import { CollectionStore } from '../../dist/service/enrolment/collections/collection.store.js';
import { DamagedTemplates } from '../../dist/service/enrolment/faces/damaged-templates.js';
import { findCollection } from '../../dist/service/enrolment/faces/lookups.js';
import { flatIndexBytes } from '../../dist/service/enrolment/gallery/flat-index.js';
import { GallerySearchService } from '../../dist/service/enrolment/gallery/gallery-search-service.js';
import { RunIndexing } from '../../dist/service/enrolment/indexing/run-indexing.js';
import { openDatabase } from '../../dist/service/platform/database/open-database.js';
import { DataKeys } from '../../dist/service/platform/encryption/data-keys.js';
import { tables } from '../../dist/service/tables.js';
import { realEmbeddings, syntheticFaces } from './synthetic-faces.mjs';

const { values: options } = parseArgs({
  options: {
    sizes: { type: 'string', default: '10000,100000' },
    data: { type: 'string', default: '../shared/data/cfp' },
    index: { type: 'boolean', default: false },
    probes: { type: 'string', default: '250' },
    candidates: { type: 'string', default: '10' },
    keep: { type: 'string' },
    remove: { type: 'boolean', default: false },
  },
});
const modelVersion = 'bench-1';
const caller = /** @type {const} */ ({ actor: 'bench', tenant: 'default', role: 'admin' });
const { signal } = new AbortController();
const rowsAtOnce = 1000;
const bytesPerMebibyte = 2 ** 20;

const real = await realEmbeddings(options.data, Number(options.probes));
const { probes } = real;
const dimension = real.enrolled[0].length;
const dataFolder = await mkdtemp(join(tmpdir(), 'symface-scale-'));
const database = await openDatabase({ databaseUrl: process.env.DATABASE_URL, dataFolder }, tables);
const kept =
  options.keep && existsSync(options.keep) ? JSON.parse(await readFile(options.keep, 'utf8')) : undefined;
const masterKey = kept ? Buffer.from(kept.masterKey, 'hex') : randomBytes(32);
const keys = await DataKeys.open(database, {
  configured: new MasterKey(masterKey),
  previous: undefined,
});
console.log(
  `${database.folder ? 'embedded' : 'PostgreSQL'}, ${dimension} numbers a template, ${probes.length} probes`,
);
const collections = new CollectionStore(database);
if (kept) for (const each of kept.collections) await measureAgain(each);
else {
  const made = [];
  for (const size of options.sizes.split(',').map(Number)) made.push(await measure(size));
  if (options.keep) {
    const secret = { masterKey: masterKey.toString('hex'), collections: made };
    await writeFile(options.keep, JSON.stringify(secret), { mode: 0o600 });
  }
}
await database.close();
await rm(dataFolder, { recursive: true });

async function measure(size) {
  const collection = { tenant: 'default', collectionId: `scale-${size}-${randomUUID().slice(0, 8)}` };
  const settings = { displayName: '', qualityGate: {}, searchable: false, defaultConsentToTrain: false };
  await collections.create(collection, settings, caller);
  const { uid } = await database.transaction(async (sql) => findCollection(sql, collection));
  await fill(uid, size);
  const exact = await measureExact(collection, size);
  if (options.index) {
    await buildIndex(collection, uid);
    await measureIndex(collection, exact);
  }
  if (!options.keep) await remove(collection, uid);
  return { collection, uid, size };
}

async function measureAgain({ collection, uid, size }) {
  const exact = await measureExact(collection, size);
  if (options.index) await measureIndex(collection, exact);
  if (options.remove) await remove(collection, uid);
}

async function measureExact(collection, size) {
  const before = process.memoryUsage().rss;
  const gallery = new GallerySearchService(
    database,
    keys,
    2 ** 34,
    console,
    new DamagedTemplates(console.error),
  );
  const search = searchOf(gallery, collection, 'exact');
  const firstMs = await milliseconds(() => search(probes[0], 1));
  const results = await timed(search);
  const resident = (process.memoryUsage().rss - before) / bytesPerMebibyte;
  console.log(
    `${size} faces: exact ${times(results)} ms, first search ${(firstMs / 1000).toFixed(1)} s, ` +
      `reckoned ${(flatIndexBytes(size, dimension) / bytesPerMebibyte).toFixed(0)} MiB, resident +${resident.toFixed(0)} MiB`,
  );
  await gallery.close();
  return results;
}

async function buildIndex(collection, collectionUid) {
  const phases = new Map();
  await runIndexing(collection, collectionUid, false, ({ phase, finished, templates }) => {
    if (!phases.has(phase)) phases.set(phase, performance.now());
    if (finished % rowsAtOnce === 0 || phase === 'building')
      process.stderr.write(`\r${phase} ${finished}/${templates}    `);
  });
  process.stderr.write('\n');
  const doneAtMs = performance.now();
  const builtAtMs = phases.get('building') ?? doneAtMs;
  const [{ bytes }] = await database.rows(
    `SELECT sum(pg_relation_size(indexname::regclass))::float8 AS bytes FROM pg_indexes WHERE starts_with(indexname, $1)`,
    [`hnsw_${collectionUid}_`],
  );
  console.log(
    `  HNSW filled in ${seconds(builtAtMs - phases.get('filling'))}, built in ${seconds(doneAtMs - builtAtMs)}, ` +
      `${(bytes / bytesPerMebibyte).toFixed(0)} MiB`,
  );
}

async function measureIndex(collection, exact) {
  const gallery = new GallerySearchService(database, keys, 1, console, new DamagedTemplates(console.error));
  const search = searchOf(gallery, collection, 'approximate');
  // The first round brings the index into memory.
  const first = await timed(search);
  const approximate = await timed(search);
  console.log(
    `  HNSW ${times(approximate)} ms (before, ${times(first)}), recall@1 ${recall(exact, approximate, 1)}, ` +
      `recall@10 ${recall(exact, approximate, 10)}`,
  );
  await gallery.close();
}

/** Deletes a collection, and its index before it. */
async function remove(collection, collectionUid) {
  if (options.index) {
    const removedMs = await milliseconds(() => runIndexing(collection, collectionUid, true, () => {}));
    console.log(`  removed in ${seconds(removedMs)}`);
  }
  await collections.delete(collection, caller);
}

/** @returns a job of which the run needs no more than this */
function jobOf(input) {
  const job = /** @type {unknown} */ ({ input, requester: caller });
  return /** @type {import('../../dist/service/jobs/job.js').Job} */ (job);
}

function runIndexing({ collectionId }, collectionUid, remove, report) {
  const run = new RunIndexing(database, keys);
  return run.execute(
    jobOf({ collectionUid, collectionId, remove }),
    // No other process works on jobs here.
    { report, signal, succeed: () => {}, requireHeld: async () => {} },
  );
}

function searchOf(gallery, collection, method) {
  return async (probe, maximumCandidates) =>
    gallery.search.search({ collection, modelVersion, probe, maximumCandidates, method }, signal);
}

/** Rows as enrolments write them, without the crops' bytes, in transactions of 1,000. */
async function fill(uid, size) {
  const synthetic = syntheticFaces(real.enrolled, size);
  const box = await keys.toSeal();
  for (let first = 0; first < size; first += rowsAtOnce) {
    const last = Math.min(first + rowsAtOnce, size);
    const ids = Array.from({ length: last - first }, () => randomUUID());
    const sealed = ids.map((id, index) =>
      Buffer.from(sealTemplate(box, id, modelVersion, real.enrolled[first + index] ?? synthetic())),
    );
    await database.transaction(async (sql) => {
      await sql.rows(
        `WITH added AS (
           INSERT INTO subjects (collection_uid, id, display_name)
           SELECT $1, 's' || n, '' FROM generate_series($2::int, $3::int) n RETURNING uid, id)
         INSERT INTO faces (id, collection_uid, subject_uid, detector_version)
         SELECT ids.id, $1, added.uid, '' FROM unnest($4::uuid[]) WITH ORDINALITY AS ids (id, place)
           JOIN added ON added.id = 's' || ($2::int + ids.place - 1)`,
        [uid, first, last - 1, ids],
      );
      await sql.rows(
        `INSERT INTO templates (face_id, model_version, collection_uid, revision, sealed, data_key)
         SELECT face_id, $1, $2, $3, sealed, $4 FROM unnest($5::uuid[], $6::bytea[]) AS added (face_id, sealed)`,
        [modelVersion, uid, first / rowsAtOnce + 1, dataKeyOf(sealed[0]), ids, sealed],
      );
      await sql.rows(
        'UPDATE collections SET revision = $2, face_count = $3, subject_count = $3 WHERE uid = $1',
        [uid, first / rowsAtOnce + 1, last],
      );
    });
    process.stderr.write(`\rfilling ${last}/${size} `);
  }
  process.stderr.write('\n');
}

async function timed(search) {
  const results = [];
  for (const probe of probes) {
    const startedAtMs = performance.now();
    const { candidates } = await search(probe, Number(options.candidates));
    results.push({ ms: performance.now() - startedAtMs, candidates });
  }
  return results;
}

async function milliseconds(work) {
  const startedAtMs = performance.now();
  await work();
  return performance.now() - startedAtMs;
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}

function times(results) {
  const sorted = results.map(({ ms }) => ms).sort((a, b) => a - b);
  const at = (quantile) => sorted[Math.floor(sorted.length * quantile)].toFixed(1);
  return `p50 ${at(0.5)}, p95 ${at(0.95)}`;
}

/** The part of the exact search's first `count` candidates that the approximate one has among its first. */
function recall(exact, approximate, count) {
  let [found, all] = [0, 0];
  for (const [index, { candidates }] of exact.entries()) {
    const others = new Set(approximate[index].candidates.slice(0, count).map(({ faceId }) => faceId));
    const wanted = candidates.slice(0, count);
    all += wanted.length;
    found += wanted.filter(({ faceId }) => others.has(faceId)).length;
  }
  return (found / all).toFixed(4);
}
