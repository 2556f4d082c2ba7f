/**
 * What a search costs as a collection grows: exact, in the gallery's thread, and approximate, by pgvector's HNSW, over
 * the same templates. 250 real faces (CFP, one photograph each) among random unit vectors; probes are other photographs
 * of those 250.
 *
 *   node bench/enrol/identify-scale.mjs [--sizes 10000,100000] [--data ../shared/data/cfp] [--exact-only]
 *
 * The embedded database, in a folder of its own. Times are of the search alone, without detection and embedding.
 */
import { randomBytes, randomUUID } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { sealTemplate } from '../../dist/storage/encryption/sealed-records.js';
import { SecretBox } from '../../dist/storage/encryption/secret-box.js';
import { GallerySearchService } from '../../dist/service/enrolment/gallery/gallery-search-service.js';
import { openDatabase } from '../../dist/service/platform/database/open-database.js';
import { tables } from '../../dist/service/tables.js';
import { CollectionStore } from '../../dist/service/enrolment/collections/collection.store.js';
import { addToIndex } from '../../dist/service/platform/database/vector-index.js';
import { ModelFiles } from '../../dist/storage/models/model-files.js';
import { loadImageAnalyser } from '../../dist/inference/analyser/load-image-analyser.js';

const { values: options } = parseArgs({
  options: {
    sizes: { type: 'string', default: '10000,100000' },
    data: { type: 'string', default: '../shared/data/cfp' },
    'exact-only': { type: 'boolean', default: false },
  },
});
const modelVersion = 'bench-1';
const caller = { actor: 'bench', tenant: 'default', role: 'admin' };
const { enrolled, probes } = await realEmbeddings();
const dimension = enrolled[0].length;
console.log(`dimension ${dimension}; p50 / p95 over ${probes.length} probes`);
for (const size of options.sizes.split(',').map(Number)) await measure(size);

async function realEmbeddings() {
  const folder = fileURLToPath(new URL('../../.symface', import.meta.url));
  const versions = await new ModelFiles(folder).list();
  const ofKind = (kind) => versions.find(({ version }) => version.manifest.kind === kind);
  const analyser = await loadImageAnalyser({
    models: { backbone: ofKind('backbone'), detector: ofKind('detector') },
    intraOpThreads: 2,
    maximumBatchSize: 1,
    imageLimits: { maximumBytes: 1 << 24, maximumPixels: 5e7 },
  });
  const embed = async (subject, file) => {
    const encoded = await readFile(join(options.data, subject, 'frontal', file));
    const request = {
      encoded,
      kind: 'photograph',
      selection: 'largest',
      wantEmbeddings: true,
      wantCrops: false,
    };
    return (await analyser.analyse(request, new AbortController().signal)).faces[0].embedding;
  };
  const result = { enrolled: [], probes: [] };
  for (const subject of await readdir(options.data)) {
    result.enrolled.push(await embed(subject, '01.jpg'));
    result.probes.push(await embed(subject, '06.jpg'));
  }
  return result;
}

/** Uniform on the unit sphere: normalised normal deviates. */
function randomUnitVector() {
  const normal = () => Math.sqrt(-2 * Math.log(1 - Math.random())) * Math.cos(2 * Math.PI * Math.random());
  const values = Float32Array.from({ length: dimension }, normal);
  const norm = Math.hypot(...values);
  return values.map((value) => value / norm);
}

async function measure(size) {
  const dataFolder = await mkdtemp(join(tmpdir(), 'symface-scale-'));
  const encryptionKey = randomBytes(32);
  const box = new SecretBox(encryptionKey);
  const database = await openDatabase({ databaseUrl: undefined, dataFolder }, box, tables);
  const collection = { tenant: 'default', collectionId: 'scale' };
  await new CollectionStore(database).create(
    collection,
    { displayName: '', qualityGate: {}, searchable: true },
    caller,
  );
  const indexSeconds = await fill(database, box, size);
  const before = process.memoryUsage().rss;
  const gallery = new GallerySearchService(database, encryptionKey, 2 ** 31, console);
  const search = async (probe, method, maximumCandidates) =>
    gallery.search.search(
      { collection, modelVersion, probe, maximumCandidates, method },
      new AbortController().signal,
    );
  const loadStartedAtMs = performance.now();
  await search(probes[0], 'exact', 1);
  const loadMs = performance.now() - loadStartedAtMs;
  const exact = await timed((probe) => search(probe, 'exact', 10));
  const memory = (process.memoryUsage().rss - before) / 2 ** 20;
  console.log(
    `${size} templates: exact ${times(exact)} ms, first search ${loadMs.toFixed(0)} ms, ` +
      `resident memory + ${memory.toFixed(0)} MiB (templates ${((size * dimension * 4) / 2 ** 20).toFixed(0)})`,
  );
  if (!options['exact-only']) {
    const approximate = await timed((probe) => search(probe, 'approximate', 10));
    console.log(
      `  HNSW ${times(approximate)} ms, recall@1 ${recall(exact, approximate, 1)}, recall@10 ` +
        `${recall(exact, approximate, 10)}, filled and indexed in ${indexSeconds.toFixed(0)} s`,
    );
  }
  await gallery.close();
  await database.close();
  await rm(dataFolder, { recursive: true });
}

/** Rows as enrolments write them, without the crops' bytes, in transactions of 1,000. */
async function fill(database, box, size) {
  const startedAtMs = performance.now();
  const [{ uid }] = await database.rows("SELECT uid FROM collections WHERE id = 'scale'");
  for (let first = 0; first < size; first += 1000) {
    await database.transaction(async (sql) => {
      const last = Math.min(first + 1000, size);
      for (let row = first; row < last; row++) {
        const embedding = enrolled[row] ?? randomUnitVector();
        const id = randomUUID();
        const [subject] = await sql.rows(
          "INSERT INTO subjects (collection_uid, id, display_name) VALUES ($1, $2, '') RETURNING uid",
          [uid, `s${row}`],
        );
        await sql.rows(
          `INSERT INTO faces (id, collection_uid, subject_uid, box, landmarks, probability, rho,
             nose_offset_pixels, quality, sealed_crop, crop_width, crop_height, crop_landmarks, detector_version)
           VALUES ($1, $2, $3, '{}', '{}', 1, 1, 0, '{}', '', 1, 1, '{}', 'bench')`,
          [id, uid, subject.uid],
        );
        const sealed = Buffer.from(sealTemplate(box, id, modelVersion, embedding));
        await sql.rows(
          'INSERT INTO templates (face_id, model_version, collection_uid, revision, sealed) VALUES ($1, $2, $3, $4, $5)',
          [id, modelVersion, uid, first / 1000 + 1, sealed],
        );
        if (!options['exact-only'])
          await addToIndex(sql, { collectionUid: uid, modelVersion }, id, embedding);
      }
      await sql.rows('UPDATE collections SET revision = $2, face_count = $3 WHERE uid = $1', [
        uid,
        first / 1000 + 1,
        last,
      ]);
    });
    process.stderr.write(`\rfilling ${Math.min(first + 1000, size)}/${size} `);
  }
  process.stderr.write('\n');
  return (performance.now() - startedAtMs) / 1000;
}

async function timed(search) {
  const results = [];
  for (const probe of probes) {
    const startedAtMs = performance.now();
    const { candidates } = await search(probe);
    results.push({ ms: performance.now() - startedAtMs, candidates });
  }
  return results;
}

function times(results) {
  const sorted = results.map(({ ms }) => ms).sort((a, b) => a - b);
  const at = (quantile) => sorted[Math.floor(sorted.length * quantile)].toFixed(1);
  return `${at(0.5)} / ${at(0.95)}`;
}

/** The part of the exact search's first `count` candidates that the approximate one has among its first. */
function recall(exact, approximate, count) {
  let found = 0;
  for (const [index, { candidates }] of exact.entries()) {
    const others = new Set(approximate[index].candidates.slice(0, count).map(({ faceId }) => faceId));
    found += candidates.slice(0, count).filter(({ faceId }) => others.has(faceId)).length;
  }
  return (found / (exact.length * count)).toFixed(4);
}
