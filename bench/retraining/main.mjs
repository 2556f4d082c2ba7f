/**
 * `npm run bench:retraining`: the whole loop on real faces, through gRPC. Half the images of 200 identities of CFP are
 * enrolled with consent to training, half the images of 50 others without. The backbone is retrained, its candidate
 * assessed (held-out identities and LFW), every face embedded anew and the candidate activated; photographs of the 50 whom
 * nobody was trained on are identified with both models. A client verifies all the while, and no call may fail.
 *
 *   npm run build && npm run bench:retraining -- --model ../shared/models/mobilefacenet_128_dynamic.onnx
 *     [--data ../shared/data/cfp] [--lfw ../shared/data/lfw] [--subjects 200] [--unseen 50] [--epochs 1]
 *
 * --lfw may be an InsightFace .bin file of aligned crops instead of LFW's folder.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { importManifest } from '../../dist/cli/import-manifest.js';
import { jobPhaseWord, jobStateWord } from '../../dist/cli/jobs/job-words.js';
import { jobLines } from '../../dist/cli/report/job-report.js';
import { chunksOf, importRequests, openUpload } from '../../dist/cli/upload.js';
import {
  equalErrorRate,
  operatingPoints,
  pointAtFalseMatchRate,
  rankPairs,
} from '../../dist/core/protocols/metrics/operating-points.js';
import { forEachConcurrently } from '../accuracy/for-each-concurrently.mjs';
import { registerLfw, withOwnService } from '../benchmark/own-service.mjs';

const { values: options } = parseArgs({
  options: {
    model: { type: 'string' },
    data: { type: 'string', default: '../shared/data/cfp' },
    lfw: { type: 'string', default: '../shared/data/lfw' },
    subjects: { type: 'string', default: '200' },
    unseen: { type: 'string', default: '50' },
    epochs: { type: 'string', default: '1' },
  },
});
if (options.model === undefined) {
  console.error('Give the ONNX file of the backbone to retrain with --model (docs/retraining.md).');
  process.exit(2);
}
const selection = 'FACE_SELECTION_LARGEST';
const imageFolders = ['frontal', 'profile'];
const collections = { consenting: 'collections/consenting', unseen: 'collections/unseen' };
/** The pixel normalisation that the reference MobileFaceNet was trained with. */
const imageNet = { mean: [123.675, 116.28, 103.53], scale: [58.395, 57.12, 57.375] };
/** While a benchmark runs: live calls more often than every ten seconds take all workers but one from it. */
const sparsePauseMs = 12_000;

const everyone = (await readdir(options.data)).sort();
const consenting = everyone.slice(0, Number(options.subjects));
const unseen = everyone.slice(-Number(options.unseen));
if (new Set([...consenting, ...unseen]).size < consenting.length + unseen.length) {
  throw new Error('the folder has too few identities for so many subjects');
}

/** @returns the first half of the photographs of each kind, and the second */
async function halvesOf(subject) {
  const halves = [[], []];
  for (const kind of imageFolders) {
    const folder = join(options.data, subject, kind);
    const paths = (await readdir(folder)).sort().map((name) => join(folder, name));
    halves[0].push(...paths.slice(0, paths.length / 2));
    halves[1].push(...paths.slice(paths.length / 2));
  }
  return { enrolled: halves[0], others: halves[1] };
}

await withOwnService(async (client) => {
  const parent = await importModel(client);
  await activate(client, { modelVersion: parent, allowWithoutThreshold: true });
  await registerBenchmark(client);
  await enrolAll(client);
  const load = startLoad(client, await probesOf(consenting.slice(0, 40)));
  const before = await identified(client);

  const queued = await client.training.createTraining({ policy: { epochs: Number(options.epochs) } });
  const { training } = await ended(client, queued.job);
  load.pauseMs = sparsePauseMs;
  const { assessment } = await ended(client, { name: training.result.assessment });
  load.pauseMs = 0;

  const hasPassed = assessment.verdict === 'ASSESSMENT_VERDICT_PASSED';
  console.log(
    hasPassed ? 'activated: it has passed' : 'activated all the same, to show it (skip_assessment)',
  );
  const { modelVersion } = training.result;
  // No data set is registered, and few persons are held out: it may have no threshold at the rate in force.
  await activate(client, { modelVersion, skipAssessment: !hasPassed, allowWithoutThreshold: true });
  const after = await identified(client);
  await load.stop();

  console.log(`${unseen.length} identities without consent, images that are not enrolled:`);
  console.table([rowOf('before', before), rowOf('after', after)]);
  console.log(`calls ${load.answers}, failed ${load.failures.length} ${load.failures[0] ?? ''}`);
  console.log(`answers by version: ${JSON.stringify(load.versions)}`);
  if (load.failures.length > 0) process.exitCode = 1;
});

async function activate(client, request) {
  const { job } = await client.model.createActivation(request);
  await ended(client, job);
}

/** Follows a job to its end, with a line for each phase, and prints what came of it. */
async function ended(client, { name }) {
  let last;
  let told = '';
  const startedAtMs = performance.now();
  for await (const { job } of client.job.watchJob({ name })) {
    last = job;
    const phase = `${job.work}: ${jobPhaseWord(job) || jobStateWord(job)}`;
    if (phase !== told) console.error(`${phase}, ${seconds(startedAtMs)} s`);
    told = phase;
  }
  for (const line of jobLines(last)) console.log(line);
  if (last.state !== 'JOB_STATE_SUCCEEDED') throw new Error(`${name} has not succeeded`);
  return last;
}

function seconds(sinceMs) {
  return ((performance.now() - sinceMs) / 1000).toFixed(0);
}

async function importModel(client) {
  const manifest = JSON.parse(
    await importManifest(options.model, { preset: 'arcface', dimension: 128, license: 'reference' }),
  );
  Object.assign(manifest.input, imageNet);
  const upload = await openUpload(options.model);
  const imported = await client.model.importModelVersion(
    importRequests(JSON.stringify(manifest), chunksOf(upload, false)),
  );
  return imported.modelVersion.name;
}

async function registerBenchmark(client) {
  const path = resolve(options.lfw);
  if (path.endsWith('.bin')) {
    await client.benchmark.registerDataset({
      datasetId: 'lfw',
      format: 'DATASET_FORMAT_INSIGHTFACE_BIN',
      path,
      imageKind: 'IMAGE_KIND_ALIGNED_CROP',
    });
  } else {
    await registerLfw(client, { list: join(path, 'pairs.txt'), imageFolder: join(path, 'images') });
  }
}

async function enrolAll(client) {
  let refused = 0;
  for (const [kind, subjects] of Object.entries({ consenting, unseen })) {
    await client.enrollment.createCollection({
      collectionId: kind,
      defaultConsentToTrain: kind === 'consenting',
      searchable: true,
    });
    await forEachConcurrently(subjects, 4, `enrol ${kind}`, async (subject) => {
      const { enrolled } = await halvesOf(subject);
      const images = await Promise.all(enrolled.map(async (path) => ({ content: await readFile(path) })));
      const { results } = await client.enrollment.enrollFaces({
        parent: `${collections[kind]}/subjects/${subject}`,
        images,
        createSubject: true,
        faceSelection: selection,
      });
      refused += results.filter(({ face }) => face === null).length;
    });
  }
  console.log(`images that the quality gate refused: ${refused}`);
}

async function probesOf(subjects) {
  const probes = [];
  for (const subject of subjects) {
    const { others } = await halvesOf(subject);
    probes.push({
      subject: `${collections.consenting}/subjects/${subject}`,
      content: await readFile(others[0]),
    });
  }
  return probes;
}

/** Similarities of each photograph to its own person and to all others; nothing of images without a face. */
async function identified(client) {
  const probes = [];
  for (const subject of unseen) {
    for (const path of (await halvesOf(subject)).others) probes.push({ subject, path });
  }
  const scores = await forEachConcurrently(probes, 2, 'identify', async ({ subject, path }) => {
    try {
      const { candidates } = await client.faceVerification.identify({
        collection: collections.unseen,
        image: { content: await readFile(path) },
        faceSelection: selection,
        maxCandidates: Math.min(100, unseen.length),
        // Nobody looks at what matches; a candidate need not be calibrated for it.
        similarityThreshold: 0.5,
      });
      return candidates.map((candidate) => ({
        genuine: candidate.subject.endsWith(`/${subject}`),
        similarity: candidate.similarity,
      }));
    } catch (error) {
      if (error.reason === 'FACE_NOT_FOUND') return [];
      throw error;
    }
  });
  return scores.flat();
}

function rowOf(model, scores) {
  const points = operatingPoints(
    rankPairs({
      similarities: Float64Array.from(scores, ({ similarity }) => similarity),
      genuine: scores.map(({ genuine }) => genuine),
    }),
  );
  const percent = (share) => `${(100 * share).toFixed(2)} %`;
  const genuine = scores.filter((score) => score.genuine).length;
  return {
    model,
    genuine,
    impostor: scores.length - genuine,
    EER: percent(equalErrorRate(points)),
    'TAR@FMR=1e-2': percent(pointAtFalseMatchRate(points, 1e-2).trueAcceptRate),
    'TAR@FMR=1e-3': percent(pointAtFalseMatchRate(points, 1e-3).trueAcceptRate),
  };
}

/** One call after another, with a pause between them. */
function startLoad(client, probes) {
  let isRunning = true;
  const load = { pauseMs: 0, answers: 0, failures: [], versions: {}, stop: async () => undefined };
  const running = (async () => {
    for (let next = 0; isRunning; next++) {
      const { subject, content } = probes[next % probes.length];
      try {
        const request = { subject, image: { content }, faceSelection: selection, similarityThreshold: 0.5 };
        const { modelVersion } = await client.faceVerification.verifySubject(request);
        load.answers++;
        load.versions[modelVersion] = (load.versions[modelVersion] ?? 0) + 1;
      } catch (error) {
        load.failures.push(error.reason ?? error.message);
      }
      const answeredAtMs = performance.now();
      while (isRunning && performance.now() < answeredAtMs + load.pauseMs) await sleep(100);
    }
  })();
  load.stop = async () => {
    isRunning = false;
    await running;
  };
  return load;
}
