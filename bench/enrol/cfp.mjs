/**
 * Enrolment on CFP: five frontal photographs of each subject are enrolled with the command line, the other five verified
 * and identified over gRPC; then the same figures are computed from the embeddings alone, and must be equal.
 *
 *   node bench/enrol/cfp.mjs [--data ../shared/data/cfp] [--collection cfp] [--server 127.0.0.1:50051] [--subjects 250]
 *
 * Needs a running service (npm start) whose collection does not exist; deletes it at the end. The thresholds are those
 * of these very impostor pairs (TAR at FMR): nothing is fitted to anybody else.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, mkdir, copyFile, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { SymFaceClient } from '../../dist/client/symface-client.js';
import { cosineSimilarity } from '../../dist/core/verification/similarity.js';
import { forEachConcurrently } from '../accuracy/for-each-concurrently.mjs';

const command = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const falseMatchRate = 1e-3;
/** The most that Identify answers. */
const candidates = 100;
const concurrency = 8;
const selection = /** @type {const} */ ('FACE_SELECTION_LARGEST');

const { values: options } = parseArgs({
  options: {
    server: { type: 'string', default: '127.0.0.1:50051' },
    data: { type: 'string', default: '../shared/data/cfp' },
    collection: { type: 'string', default: 'cfp' },
    subjects: { type: 'string', default: '250' },
  },
});
if (!existsSync(join(options.data, '001/frontal'))) {
  console.error(`${options.data} holds no 001/frontal: give CFP's folder with --data.`);
  process.exit(2);
}
const collection = `collections/${options.collection}`;
const subjectName = (subject) => `${collection}/subjects/${subject}`;
const client = new SymFaceClient({ server: options.server, timeoutMs: 120_000 });
const subjects = (await readdir(options.data)).sort().slice(0, Number(options.subjects));
const photographs = await Promise.all(
  subjects.map(async (subject) => {
    const folder = join(options.data, subject, 'frontal');
    return (await readdir(folder)).sort().map((name) => ({ subject, path: join(folder, name), name }));
  }),
);
const gallery = photographs.flatMap((images) => images.slice(0, 5));
const probes = photographs.flatMap((images) => images.slice(5));

const enrolment = await enrolByCommandLine();
const served = await askService();
const offline = await computeOffline();
const { receipt } = await client.enrollment.deleteCollection({ name: collection });
client.close();
report();

async function enrolByCommandLine() {
  const folder = await mkdtemp(join(tmpdir(), 'symface-cfp-'));
  for (const { subject, path, name } of gallery) {
    await mkdir(join(folder, subject), { recursive: true });
    await copyFile(path, join(folder, subject, name));
  }
  const startedAtMs = performance.now();
  const args = [
    'enroll',
    '--by-folder',
    folder,
    '--collection',
    options.collection,
    '--face',
    'largest',
    '--json',
  ];
  const child = spawn(process.execPath, [command, ...args, '--parallel', '8', '--server', options.server], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text) => (output += text));
  child.stderr.setEncoding('utf8').on('data', (text) => process.stderr.write(text));
  await once(child, 'close');
  await rm(folder, { recursive: true });
  const lines = output
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const seconds = (performance.now() - startedAtMs) / 1000;
  return { seconds, lines, enrolled: lines.filter(({ outcome }) => outcome === 'enrolled') };
}

/** What VerifySubject and Identify answer for each probe. */
async function askService() {
  const startedAtMs = performance.now();
  const answers = await forEachConcurrently(probes, concurrency, 'identify', async ({ subject, path }) => {
    const image = { content: await readFile(path) };
    try {
      const request = { collection, image, faceSelection: selection, maxCandidates: candidates };
      const identified = await client.faceVerification.identify(request);
      return { subject, candidates: identified.candidates };
    } catch (error) {
      return { subject, failure: error.reason ?? error.message };
    }
  });
  const identifySeconds = (performance.now() - startedAtMs) / 1000;
  const verified = await forEachConcurrently(probes, concurrency, 'verify', async ({ subject, path }) => {
    const image = { content: await readFile(path) };
    const request = { subject: subjectName(subject), image, faceSelection: selection };
    return client.faceVerification.verifySubject(request).then(
      ({ similarity }) => similarity,
      () => undefined,
    );
  });
  const verifySeconds = (performance.now() - startedAtMs) / 1000 - identifySeconds;
  const impostors = answers.flatMap(({ subject, candidates: found = [] }) =>
    found
      .filter((candidate) => candidate.subject !== subjectName(subject))
      .map(({ similarity }) => similarity),
  );
  const hits = answers.map(({ subject, candidates: found }) => found?.[0]?.subject === subjectName(subject));
  return { ...figures(hits, verified, impostors), hits, verified, identifySeconds, verifySeconds };
}

/** The same from the embeddings of Embed: nothing here knows of collections. */
async function computeOffline() {
  const embed = async ({ path }) => {
    const request = { image: { content: await readFile(path) }, faceSelection: selection };
    return client.faceVerification.embed(request).then(
      ({ embeddings }) => Float32Array.from(embeddings[0].values),
      () => undefined,
    );
  };
  // A face that the gate refused is not in the gallery here either.
  const refused = new Set(
    enrolment.lines
      .filter(({ outcome }) => outcome !== 'enrolled')
      .map(({ file }) => file.split('/').slice(-2).join('/')),
  );
  const kept = gallery.filter(({ subject, name }) => !refused.has(`${subject}/${name}`));
  const galleryEmbeddings = await forEachConcurrently(kept, concurrency, 'embed gallery', embed);
  const probeEmbeddings = await forEachConcurrently(probes, concurrency, 'embed probes', embed);
  const genuine = [];
  const impostors = [];
  const hits = probes.map(({ subject }, index) => {
    const probe = probeEmbeddings[index];
    if (probe === undefined) return genuine.push(undefined) < 0;
    const best = new Map();
    for (const [row, { subject: other }] of kept.entries()) {
      const similarity = cosineSimilarity(probe, galleryEmbeddings[row]);
      if (similarity > (best.get(other) ?? -2)) best.set(other, similarity);
    }
    genuine.push(best.get(subject));
    for (const [other, similarity] of best) if (other !== subject) impostors.push(similarity);
    return [...best].sort((a, b) => b[1] - a[1])[0][0] === subject;
  });
  return { ...figures(hits, genuine, impostors), hits, verified: genuine };
}

/** Rank-1, and the true accept rate at the similarity that one in 1/FMR of all impostor comparisons reaches. */
function figures(hits, genuine, impostors) {
  const comparisons = probes.length * (subjects.length - 1);
  const allowed = Math.floor(comparisons * falseMatchRate);
  const threshold = Float64Array.from(impostors).sort().reverse()[allowed];
  const accepted = genuine.filter((similarity) => similarity !== undefined && similarity > threshold).length;
  const rankOne = hits.filter(Boolean).length / probes.length;
  return { rankOne, threshold, trueAcceptRate: accepted / probes.length };
}

function report() {
  const differences = served.verified.map((similarity, index) =>
    Math.abs((similarity ?? 0) - (offline.verified[index] ?? 0)),
  );
  const percent = (value) => `${(value * 100).toFixed(2)} %`;
  const refused = enrolment.lines.length - enrolment.enrolled.length;
  console.log(`subjects ${subjects.length}, enrolled ${enrolment.enrolled.length}, refused ${refused}`);
  console.log(`enrolment ${(enrolment.lines.length / enrolment.seconds).toFixed(1)} photographs/s`);
  console.log(
    `identify ${(probes.length / served.identifySeconds).toFixed(1)}/s, verify ${(probes.length / served.verifySeconds).toFixed(1)}/s`,
  );
  for (const [name, { rankOne, trueAcceptRate, threshold }] of Object.entries({
    service: served,
    'off-line': offline,
  })) {
    console.log(
      `${name}: rank-1 ${percent(rankOne)}, TAR@FMR ${falseMatchRate} ${percent(trueAcceptRate)} (threshold ${threshold.toFixed(6)})`,
    );
  }
  console.log(`largest difference of a similarity ${Math.max(...differences).toExponential(1)}`);
  const sameHits = served.hits.every((hit, index) => hit === offline.hits[index]);
  const agree = sameHits && served.trueAcceptRate === offline.trueAcceptRate;
  console.log(agree ? 'service and off-line figures agree exactly' : 'SERVICE AND OFF-LINE FIGURES DIFFER');
  console.log(
    `deleted ${receipt.subjectCount} subjects, ${receipt.faceCount} faces, ${receipt.templateCount} templates`,
  );
  if (!agree) process.exitCode = 1;
}
