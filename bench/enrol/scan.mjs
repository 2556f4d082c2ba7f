/**
 * What exact search takes as a collection grows, without a database: sealed templates are made as they are asked for, opened by the
 * gallery's threads and searched. For a float scan in JavaScript of the same, to compare the answers with, there is --check.
 *
 *   node bench/enrol/scan.mjs [--sizes 10000,100000,1000000] [--dimension 512] [--probes 100] [--threads 2] [--check]
 *
 * Templates are random directions, which are the hardest to tell apart; each tenth probe is near one of them.
 */
import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import { sealTemplate } from '../../dist/storage/encryption/sealed-records.js';
import { oneKey, SecretBox } from '../../dist/storage/encryption/secret-box.js';
import { cosineSimilarity } from '../../dist/core/verification/similarity.js';
import { BestSubjects } from '../../dist/service/enrolment/gallery/best-subjects.js';
import { ExactGallerySearch } from '../../dist/service/enrolment/gallery/exact-gallery-search.js';
import { flatIndexBytes } from '../../dist/service/enrolment/gallery/flat-index.js';
import { GalleryWorker } from '../../dist/service/enrolment/gallery/gallery-worker.js';
import { randomDirections } from './synthetic-faces.mjs';

const { values: options } = parseArgs({
  options: {
    sizes: { type: 'string', default: '10000,100000,1000000' },
    dimension: { type: 'string', default: '512' },
    probes: { type: 'string', default: '100' },
    threads: { type: 'string' },
    check: { type: 'boolean', default: false },
  },
});
const dimension = Number(options.dimension);
const candidates = 10;
const bytesPerMebibyte = 2 ** 20;
const box = new SecretBox(oneKey(randomBytes(32)));
for (const size of options.sizes.split(',').map(Number)) await measure(size);

async function measure(size) {
  const before = process.memoryUsage().rss;
  const threads = options.threads === undefined ? undefined : Number(options.threads);
  const worker = new GalleryWorker({ toOpen: async () => box }, console.error, undefined, threads);
  const limits = { maximumBytes: 2 ** 36, templatesPerRead: 500, idleMs: 1e9 };
  const observer = { onDamaged: console.error, onReading: () => {} };
  const gallery = new ExactGallerySearch(madeTemplates(size), worker, limits, observer);
  const search = async (probe) => {
    const collection = { tenant: 'bench', collectionId: String(size) };
    const query = {
      collection,
      modelVersion: 'bench',
      probe,
      maximumCandidates: candidates,
      method: /** @type {const} */ ('exact'),
    };
    return (await gallery.search(query, new AbortController().signal)).candidates;
  };
  const probes = probesAmong(size);
  const readMs = (await timed(search, probes[0])).ms;
  const searches = [];
  const cpuBefore = process.cpuUsage();
  for (const probe of probes) searches.push(await timed(search, probe));
  const { user, system } = process.cpuUsage(cpuBefore);
  const cpuMs = (user + system) / 1000 / searches.length;
  const sorted = searches.map(({ ms }) => ms).sort((a, b) => a - b);
  const at = (quantile) => sorted[Math.floor(sorted.length * quantile)].toFixed(1);
  const resident = (process.memoryUsage().rss - before) / bytesPerMebibyte;
  console.log(
    `${size} of ${dimension}: p50 ${at(0.5)}, p95 ${at(0.95)} ms, ${cpuMs.toFixed(1)} ms of processor time; read and opened in ${(readMs / 1000).toFixed(1)} s; ` +
      `reckoned ${(flatIndexBytes(size, dimension) / bytesPerMebibyte).toFixed(0)} MiB, resident +${resident.toFixed(0)} MiB`,
  );
  if (options.check) check(size, probes.slice(0, 10), searches);
  await worker.close();
}

/** A source whose templates are the same ones each time they are made. */
function madeTemplates(size) {
  const directions = randomDirections(dimension, size);
  return {
    state: async () => ({ uid: String(size), revision: String(size), faceCount: size }),
    facesToEmbed: async () => 0,
    deletedFaceIds: async () => [],
    templates: async (_uid, modelVersion, { revision }, _upTo, limit) =>
      Array.from({ length: Math.min(limit, size - Number(revision)) }, (_, index) => {
        const number = Number(revision) + index + 1;
        const faceId = `face-${number}`;
        const sealed = sealTemplate(box, faceId, modelVersion, directions());
        return { faceId, subjectId: `subject-${number}`, revision: String(number), sealed };
      }),
  };
}

function probesAmong(size) {
  const [templates, others] = [randomDirections(dimension, size), randomDirections(dimension, size + 1)];
  return Array.from({ length: Number(options.probes) }, (_, index) => {
    const other = others();
    return index % 10 > 0 ? other : templates().map((value, at) => value + other[at]);
  });
}

async function timed(search, probe) {
  const startedAtMs = performance.now();
  const found = await search(probe);
  return { ms: performance.now() - startedAtMs, found };
}

/** Compares every template with each probe, and the answers, which must be the same to the last bit. */
function check(size, probes, searches) {
  const best = probes.map(() => new BestSubjects(candidates));
  const directions = randomDirections(dimension, size);
  for (let number = 1; number <= size; number++) {
    const template = directions();
    probes.forEach((probe, index) => {
      const similarity = cosineSimilarity(probe, template);
      if (similarity < best[index].worst) return;
      best[index].offer({ faceId: `face-${number}`, subjectId: `subject-${number}`, similarity });
    });
  }
  const same = probes.every(
    (_probe, index) => JSON.stringify(searches[index].found) === JSON.stringify(best[index].candidates),
  );
  console.log(
    `  the first ${probes.length} answers ${same ? 'are those' : 'DIFFER from those'} of a float scan, to the last bit`,
  );
  if (!same) process.exitCode = 1;
}
