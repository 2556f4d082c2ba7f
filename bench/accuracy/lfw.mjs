/**
 * LFW View 2 (6,000 pairs) from the raw 250x250 photographs through the running service, over gRPC.
 *
 *   npm start                       # in another terminal
 *   node bench/accuracy/lfw.mjs [--server 127.0.0.1:50051] [--data ../shared/data/lfw] [--concurrency 16]
 *
 * Of several faces in a photograph the one nearest the middle counts, as the data set was cut around it. A
 * photograph without a face fails its pairs: they count as "different", right or wrong.
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SymFaceClient } from '../../dist/client/symface-client.js';
import { kFoldAccuracy } from '../../dist/core/protocols/metrics/k-fold-accuracy.js';
import { expectedImpostorSimilarity } from '../../dist/core/faces/quality/expected-impostor-similarity.js';
import { cosineSimilarity } from '../../dist/core/verification/similarity.js';
import { forEachConcurrently } from './for-each-concurrently.mjs';

const { values: options } = parseArgs({
  options: {
    server: { type: 'string', default: '127.0.0.1:50051' },
    data: { type: 'string', default: '../shared/data/lfw' },
    concurrency: { type: 'string', default: '16' },
  },
});
if (!existsSync(join(options.data, 'pairs.txt'))) {
  console.error(`${options.data} holds no pairs.txt: give LFW's folder with --data.`);
  process.exit(2);
}

const pairs = parsePairs(await readFile(join(options.data, 'pairs.txt'), 'utf8'));
const photographs = [...new Set(pairs.flatMap((pair) => [pair.a, pair.b]))];
const client = new SymFaceClient({ server: options.server, timeoutMs: 60_000 });
/** @type {{ modelVersion: string, detectorVersion: string }} */
let versions;
const startedAtMs = performance.now();
const faces = await forEachConcurrently(photographs, Number(options.concurrency), 'LFW', async (path) => {
  const content = await readFile(join(options.data, 'images', path));
  const response = await client.faceVerification.embed({
    image: { content },
    faceSelection: 'FACE_SELECTION_ALL',
  });
  versions = { modelVersion: response.modelVersion, detectorVersion: response.detectorVersion };
  return centralFace(response.embeddings);
});
const seconds = (performance.now() - startedAtMs) / 1000;
client.close();

const faceOf = new Map(photographs.map((path, index) => [path, faces[index]]));
const missed = photographs.filter((path) => faceOf.get(path) === undefined);
const similarities = Float64Array.from(pairs, ({ a, b }) => {
  const [left, right] = [faceOf.get(a), faceOf.get(b)];
  return left && right ? cosineSimilarity(left.embedding, right.embedding) : -1;
});
const genuine = pairs.map((pair) => pair.genuine);
const { mean, standardDeviation, folds } = kFoldAccuracy({ similarities, genuine });
console.log(
  JSON.stringify(
    {
      protocol: 'LFW View 2, unrestricted, 10 folds',
      ...versions,
      accuracyPercent: round(mean * 100, 3),
      standardDeviationPercent: round(standardDeviation * 100, 3),
      foldAccuraciesPercent: folds.map((fold) => round(fold.accuracy * 100, 2)),
      photographs: photographs.length,
      facesNotFound: missed.length,
      facesNotFoundPercent: round((missed.length / photographs.length) * 100, 3),
      tarAtFmr1e3Percent: round(tarAtFmr(1e-3) * 100, 2),
      modelThreshold: await atModelThreshold(),
      shareAtOrUnderTauPercent: shareUnderTau([...faceOf.values()]),
      photographsPerSecond: round(photographs.length / seconds, 1),
    },
    null,
    2,
  ),
);

function parsePairs(text) {
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/u))
    .filter((fields) => fields.length >= 3)
    .map((fields) =>
      fields.length === 3
        ? { a: image(fields[0], fields[1]), b: image(fields[0], fields[2]), genuine: true }
        : { a: image(fields[0], fields[1]), b: image(fields[2], fields[3]), genuine: false },
    );
}

function image(identity, number) {
  return `${identity}/${identity}_${number.padStart(4, '0')}.jpg`;
}

function centralFace(embeddings) {
  let best;
  for (const { face, values } of embeddings) {
    const { x, y, width, height } = face.box;
    const offset = Math.hypot(x + width / 2 - 125, y + height / 2 - 125);
    if (best === undefined || offset < best.offset) {
      const { appearance } = face.quality;
      best = { offset, embedding: Float32Array.from(values), rho: face.frontness.rho, appearance };
    }
  }
  return best;
}

function tarAtFmr(target) {
  const impostors = [...similarities].filter((_, index) => !genuine[index]).sort((a, b) => b - a);
  const threshold = impostors[Math.floor(target * impostors.length)];
  const genuineScores = [...similarities].filter((_, index) => genuine[index]);
  return genuineScores.filter((similarity) => similarity > threshold).length / genuineScores.length;
}

/** What a client gets that takes the model version's own thresholds, of 1e-3, each pair the one for such pairs. */
async function atModelThreshold() {
  const models = new SymFaceClient({ server: options.server, timeoutMs: 10_000 });
  const { calibration } = await models.benchmark.getModelCalibration({
    modelVersion: `modelVersions/${versions.modelVersion}`,
  });
  models.close();
  const threshold = calibration?.thresholds.find(({ falseMatchRate }) => falseMatchRate === 1e-3);
  if (threshold === undefined) return null;
  const bandOf = ({ a, b }) => {
    const [left, right] = [faceOf.get(a), faceOf.get(b)];
    if (left === undefined || right === undefined) return undefined;
    const expected = expectedImpostorSimilarity(left.appearance, right.appearance);
    return threshold.bands.find((band) => Math.fround(expected) <= band.highestExpectedImpostorSimilarity);
  };
  const bands = pairs.map(bandOf);
  const decided = (index) => similarities[index] >= (bands[index]?.similarityThreshold ?? Infinity);
  const count = (matches) => pairs.filter((_, index) => matches(index)).length;
  return {
    similarity: threshold.similarityThreshold,
    withoutThreshold: bands.filter((band) => band === undefined).length,
    accuracyPercent: round((count((index) => decided(index) === genuine[index]) / pairs.length) * 100, 2),
    falseMatches: count((index) => decided(index) && !genuine[index]),
    falseNonMatches: count((index) => !decided(index) && genuine[index]),
  };
}

function shareUnderTau(found) {
  return Object.fromEntries(
    [0.05, 0.1, 0.2, 0.3, 0.4].map((tau) => [
      tau,
      round((found.filter((face) => (face?.rho ?? 0) <= tau).length / found.length) * 100, 1),
    ]),
  );
}

function round(value, digits) {
  return Number(value.toFixed(digits));
}
