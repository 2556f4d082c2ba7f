/**
 * `npm run bench:activation`: the backbone of a service is changed three times and rolled back while a client verifies
 * photographs against enrolled subjects in a closed loop. No call may fail; each answer's similarity is computed again
 * from embeddings of the version that it names; p99 during the changes is compared with the steady one. Then changes
 * follow one another without load, and memory, processes, open files and disk are compared before and after.
 *
 *   npm run build && npm run bench:activation -- --model ../shared/models/mobilefacenet_128_dynamic.onnx
 *     [--data ../shared/data/cfp] [--subjects 200] [--clients 1] [--steady-seconds 20] [--more-changes 16]
 */
import { readdirSync } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { importManifest } from '../../dist/cli/import-manifest.js';
import { chunksOf, importRequests, openUpload } from '../../dist/cli/upload.js';
import { cosineSimilarity } from '../../dist/core/verification/similarity.js';
import { forEachConcurrently } from '../accuracy/for-each-concurrently.mjs';
import { withOwnService } from '../benchmark/own-service.mjs';
import { childrenOf, residentMebibytes } from '../serve/service-process.mjs';

const { values: options } = parseArgs({
  options: {
    model: { type: 'string' },
    data: { type: 'string', default: '../shared/data/cfp' },
    subjects: { type: 'string', default: '200' },
    clients: { type: 'string', default: '1' },
    'steady-seconds': { type: 'string', default: '20' },
    'more-changes': { type: 'string', default: '16' },
  },
});
if (options.model === undefined) {
  console.error('Give the ONNX file of a second backbone with --model (docs/results/activation.md).');
  process.exit(2);
}
const collection = 'collections/cfp';
const enrolledPerSubject = 5;
const probedSubjects = 40;
/** Embeddings travel as float32, and micro-batches of other sizes round otherwise in the last bits. */
const largestDifference = 2e-5;
const selection = 'FACE_SELECTION_LARGEST';

const subjects = (await readdir(options.data)).sort().slice(0, Number(options.subjects));
const photographsOf = async (subject) => {
  const folder = join(options.data, subject, 'frontal');
  return (await readdir(folder)).sort().map((name) => join(folder, name));
};

process.env.SYMFACE_MAX_BATCH_SIZE ??= '8';
await withOwnService(async (client, service) => {
  const enrolled = await enrol(client);
  const { modelVersions } = await client.model.listModelVersions({ kind: 'MODEL_KIND_BACKBONE' });
  const original = modelVersions.find(({ active }) => active);
  const second = await importModel(client);
  const probes = await Promise.all(
    subjects.slice(0, probedSubjects).map(async (subject) => ({
      subject: `${collection}/subjects/${subject}`,
      content: await readFile((await photographsOf(subject))[enrolledPerSubject]),
    })),
  );
  const answers = [];
  const failures = [];
  const load = startLoad(client, probes, answers, failures);
  const steady = await during(answers, async () => {
    await new Promise((resolve) => setTimeout(resolve, Number(options['steady-seconds']) * 1000));
  });
  const changes = [];
  const names = [second, original.name, second];
  for (const name of names) {
    changes.push({
      change: name,
      ...(await during(answers, () => activate(client, name))),
    });
  }
  changes.push({
    change: 'roll-back',
    ...(await during(answers, () => followed(client, client.model.rollBackActivation({})))),
  });
  await load.stop();
  const differences = await compared(client, { original: original.name, second }, enrolled, answers);
  console.table([{ change: 'none', ...steady }, ...changes].map(rowOf));
  const { p99Ms } = percentiles(changes.flatMap(({ latenciesMs }) => latenciesMs));
  console.log(
    `calls ${answers.length}, failed ${failures.length}${failures.length > 0 ? `: ${failures[0]}` : ''}`,
  );
  console.log(`p99 of all calls during changes / steady p99: ${(p99Ms / steady.p99Ms).toFixed(2)} (limit 2)`);
  console.log(
    `answers by version: ${JSON.stringify(differences.counts)}; largest difference of a similarity from its`,
  );
  console.log(`  version's embeddings: ${differences.largest.toExponential(1)} (limit ${largestDifference})`);
  await flatness(client, service, [second, original.name]);
});

async function enrol(client) {
  await client.enrollment.createCollection({ collectionId: 'cfp' });
  const faces = new Map();
  await forEachConcurrently(subjects, 4, 'enrol subjects', async (subject) => {
    const paths = (await photographsOf(subject)).slice(0, enrolledPerSubject);
    const images = await Promise.all(paths.map(async (path) => ({ content: await readFile(path) })));
    const name = `${collection}/subjects/${subject}`;
    const { results } = await client.enrollment.enrollFaces({
      parent: name,
      images,
      createSubject: true,
      faceSelection: selection,
    });
    faces.set(
      name,
      paths.filter((_, index) => results[index].face),
    );
  });
  return faces;
}

async function importModel(client) {
  const upload = await openUpload(options.model);
  const manifest = await importManifest(options.model, {
    preset: 'arcface',
    dimension: 128,
    license: 'reference',
    threshold: 0.3,
  });
  const { modelVersion } = await client.model.importModelVersion(
    importRequests(manifest, chunksOf(upload, false)),
  );
  return modelVersion.name;
}

function startLoad(client, probes, answers, failures) {
  let isRunning = true;
  let next = 0;
  const lane = async () => {
    while (isRunning) {
      const probe = probes[next++ % probes.length];
      const sentAtMs = performance.now();
      try {
        const { similarity, modelVersion } = await client.faceVerification.verifySubject({
          subject: probe.subject,
          image: { content: probe.content },
          faceSelection: selection,
        });
        const endedAtMs = performance.now();
        answers.push({
          subject: probe.subject,
          content: probe.content,
          similarity,
          modelVersion,
          endedAtMs,
          ms: endedAtMs - sentAtMs,
        });
      } catch (error) {
        failures.push(error.reason ?? error.message);
      }
    }
  };
  const lanes = Array.from({ length: Number(options.clients) }, lane);
  return {
    stop: async () => {
      isRunning = false;
      await Promise.all(lanes);
    },
  };
}

/** Latencies of the answers that came while `work` went on. */
async function during(answers, work) {
  const fromMs = performance.now();
  await work();
  const untilMs = performance.now();
  const latenciesMs = answers
    .filter(({ endedAtMs }) => endedAtMs >= fromMs && endedAtMs <= untilMs)
    .map(({ ms }) => ms);
  const seconds = Number(((untilMs - fromMs) / 1000).toFixed(1));
  return { seconds, calls: latenciesMs.length, ...percentiles(latenciesMs), latenciesMs };
}

function rowOf({ change, seconds, calls, p50Ms, p99Ms, maxMs }) {
  return { change, seconds, calls, p50Ms, p99Ms, maxMs };
}

function percentiles(latenciesMs) {
  const sorted = latenciesMs.toSorted((a, b) => a - b);
  const at = (share) => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]);
  return { p50Ms: at(0.5), p99Ms: at(0.99), maxMs: Math.round(sorted.at(-1)) };
}

function activate(client, modelVersion) {
  return followed(client, client.model.createActivation({ modelVersion, allowWithoutThreshold: true }));
}

async function followed(client, ordered) {
  const { name } = (await ordered).job;
  let last;
  for await (const { job } of client.job.watchJob({ name })) last = job;
  if (last.state !== 'JOB_STATE_SUCCEEDED') throw new Error(`${last.state}: ${last.error?.message}`);
}

/** Every similarity once more, from embeddings of the version that the answer names. */
async function compared(client, { original, second }, enrolled, answers) {
  const embed = async (content) => {
    const { embeddings } = await client.faceVerification.embed({
      image: { content },
      faceSelection: selection,
    });
    return Float32Array.from(embeddings[0].values);
  };
  const counts = {};
  let largest = 0;
  for (const name of [second, original]) {
    await activate(client, name);
    const id = name.split('/')[1];
    const mine = answers.filter(({ modelVersion }) => modelVersion === id);
    counts[id] = mine.length;
    const expected = new Map();
    for (const { subject, content } of mine) {
      if (expected.has(subject)) continue;
      const probe = await embed(content);
      const faces = await Promise.all(enrolled.get(subject).map(async (path) => embed(await readFile(path))));
      expected.set(subject, Math.max(...faces.map((face) => cosineSimilarity(probe, face))));
    }
    for (const { subject, similarity } of mine) {
      largest = Math.max(largest, Math.abs(similarity - expected.get(subject)));
    }
  }
  const known = Object.values(counts).reduce((sum, count) => sum + count, 0);
  if (known !== answers.length) throw new Error('answers name a version that never served');
  return { counts, largest };
}

async function flatness(client, service, names) {
  const rows = [{ after: 0, ...(await resources(service)) }];
  const total = Number(options['more-changes']);
  for (let change = 1; change <= total; change++) {
    await activate(client, names[change % names.length]);
    if (change % 4 !== 0) continue;
    // Workers for re-embedding end when they have had nothing to do for half a minute.
    if (change === total) await new Promise((resolve) => setTimeout(resolve, 35_000));
    rows.push({ after: change, ...(await resources(service)) });
  }
  console.table(rows);
}

async function resources({ child, dataFolder }) {
  await new Promise((resolve) => setTimeout(resolve, 3_000));
  return {
    mebibytes: Math.round(residentMebibytes(child.pid)),
    gatewayMebibytes: Math.round(
      Number(/VmRSS:\s+(\d+)/u.exec(await readFile(`/proc/${child.pid}/status`, 'utf8'))[1]) / 1024,
    ),
    workers: childrenOf(child.pid).length,
    files: readdirSync(`/proc/${child.pid}/fd`).length,
    diskMebibytes: Math.round((await folderBytes(dataFolder)) / 2 ** 20),
  };
}

async function folderBytes(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  // The database removes files while they are looked at.
  const sizes = await Promise.all(
    files.map(async ({ parentPath, name }) =>
      stat(join(parentPath, name)).then(
        ({ size }) => size,
        () => 0,
      ),
    ),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
