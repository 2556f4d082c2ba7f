/**
 * The thresholds of a backbone that comes with SymFace, in bands of how alike strangers who look so are to be expected
 * (docs/thresholds.md): writes `manifest.calibration` of models/NAME/shipped.json, in place of a bare threshold. After `npm run build`.
 * `symface prepare` makes the version ready anew then, under an id of its own.
 *
 *   node scripts/calibrate-shipped-backbone.mjs FACES.jsonl … [--name mobilefacenet-symface] [--pairs 6000000] [--seed 1] [--same-kind-share 0.75] \
 *     --description "CelebA 7401 to 7450 and …, sharp, of 22 pixels, …" [--similarities-only]
 *
 * With --similarities-only the thresholds stay, and with them the version's id: only the counts of similarities for pictures are taken.
 *
 * A line of FACES.jsonl is a measured face, as bench/quality/measure-faces.mjs writes them: `{ set, identity, image, view, kind, embedding,
 * appearance, quality }`; without `quality` a face counts as one that the service compares, which match probabilities are fitted to. `embedding` is of unit length, 32-bit floats (little-endian) in base 64; `kind` says how the photograph was made (sharp,
 * blurred, of 22 pixels), `image` and `view` may be missing. Impostor pairs are of one set and two identities, three quarters of them of one kind and
 * view, as two photographs of one camera are; genuine ones of one set and identity, and of two photographs: of one kind where `image` does not tell them apart.
 */
import { createReadStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';

import { defaultMinimumDetailPixels, defaultMinimumUtility } from '../dist/core/faces/quality/unfit-face.js';
import { similaritiesOf } from '../dist/core/protocols/calibration/calibration-pairs.js';
import { calibrationOf } from '../dist/core/protocols/calibration/model-calibration.js';
import { bandOf } from '../dist/core/protocols/calibration/threshold-bands.js';
import { uniformGenerator } from '../dist/core/random/seeded-random.js';
import { l2Normalise } from '../dist/core/verification/similarity.js';
import { parseManifest } from '../dist/storage/models/manifest-schema.js';

/** 30 false matches of 1e-4 need 300,000 pairs: six million are twenty bands of them. */
const rates = [1e-1, 1e-2, 1e-3, 1e-4];
const mostGenuinePairs = 300_000;
/** What shipped.json keeps of numbers. */
const digits = 5;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    name: { type: 'string', default: 'mobilefacenet-symface' },
    pairs: { type: 'string', default: '6000000' },
    seed: { type: 'string', default: '1' },
    'same-kind-share': { type: 'string', default: '0.75' },
    description: { type: 'string' },
    'similarities-only': { type: 'boolean', default: false },
  },
});
const { description } = options;
if (positionals.length === 0 || (description === undefined && !options['similarities-only']))
  throw new Error('name files of measured faces, and give a --description of the photographs');

const faces = [];
for (const path of positionals) await readFaces(path);
const uniform = uniformGenerator(Number(options.seed));
const groups = {
  set: groupsBy('set'),
  kind: groupsBy('set', 'kind', 'view'),
  person: groupsBy('set', 'identity'),
};
const impostorPairs = drawImpostors(Math.min(Number(options.pairs), impostorPairCount()));
const genuinePairs = drawGenuine();
const impostor = similaritiesOf(faces, impostorPairs);
const genuine = similaritiesOf(faces, genuinePairs);
const found = calibrationOf({ genuine, impostor }, rates, comparable());
if (found === undefined) throw new Error('there are too few pairs of strangers, or nobody is shown twice');

const path = new URL(`../models/${options.name}/shipped.json`, import.meta.url);
const shipped = JSON.parse(await readFile(path, 'utf8'));
const manifest = { ...shipped.manifest };
if (options['similarities-only']) {
  manifest.calibration = { ...manifest.calibration, similarityBands: found.similarityBands };
} else {
  delete manifest.similarityThreshold;
  manifest.calibration = JSON.parse(JSON.stringify({ description, ...found }, rounded));
}
parseManifest({ ...manifest, graph: { fileName: 'backbone.onnx', sha256: shipped.weightsSha256 } });
await writeFile(path, `${JSON.stringify({ ...shipped, manifest }, null, 1)}\n`);

const identities = new Set(faces.map(({ set, identity }) => `${set} ${identity}`)).size;
console.log(
  `${faces.length} faces of ${identities} identities, ${genuine.similarities.length} genuine pairs`,
);
for (const { falseMatchRate, similarityThreshold, bands } of found.thresholds) {
  const ends = [bands[0], bands.at(-1)].map((band) => band.similarityThreshold.toFixed(4)).join(' to ');
  console.log(
    `FMR ${falseMatchRate}: overall ${similarityThreshold.toFixed(4)}, ${bands.length} bands from ${ends}`,
  );
}
for (const line of ratesOfKinds(found.thresholds.find(({ falseMatchRate }) => falseMatchRate === 1e-3)))
  console.log(line);

async function readFaces(file) {
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    if (line.trim() === '') continue;
    const { set, identity, image, view, kind, embedding: encoded, appearance, quality } = JSON.parse(line);
    const bytes = Buffer.from(encoded, 'base64');
    const values = Float32Array.from({ length: bytes.length / 4 }, (_, index) =>
      bytes.readFloatLE(4 * index),
    );
    if ([set, identity, kind].some((text) => typeof text !== 'string') || !Array.isArray(appearance))
      throw new Error(`${file}: a line is no measured face: ${line.slice(0, 100)}`);
    faces.push({
      set,
      identity,
      image,
      view,
      kind,
      embedding: l2Normalise(values),
      appearance,
      isFit: isFit(quality),
    });
  }
}

/** As far as it is known, whether the service compares the face by default. */
function isFit(quality) {
  if (quality === undefined) return true;
  return quality.utility >= defaultMinimumUtility && quality.detailPixels >= defaultMinimumDetailPixels;
}

/** Pairs of faces that the service compares: match probabilities are those of answers. */
function comparable() {
  const areFit = (pairs) => {
    const kept = [];
    for (let place = 0; place < pairs.length; place += 2)
      if (faces[pairs[place]].isFit && faces[pairs[place + 1]].isFit)
        kept.push(pairs[place], pairs[place + 1]);
    return similaritiesOf(faces, Uint32Array.from(kept));
  };
  return { genuine: areFit(genuinePairs), impostor: areFit(impostorPairs) };
}

/** The indices of the faces that have these members in common, by face. */
function groupsBy(...members) {
  const of = new Map();
  return faces.map((face, index) => {
    const key = JSON.stringify(members.map((member) => face[member]));
    const group = of.get(key) ?? [];
    group.push(index);
    of.set(key, group);
    return group;
  });
}

function pick(elements) {
  return elements[Math.floor(uniform() * elements.length)];
}

function impostorPairCount() {
  const pairsOf = (count) => (count * (count - 1)) / 2;
  const total = (of) => [...new Set(of)].reduce((sum, { length }) => sum + pairsOf(length), 0);
  return total(groups.set) - total(groupsBy('set', 'identity'));
}

/** With replacement; every other pair is of one kind. */
function drawImpostors(count) {
  const sameKindShare = Number(options['same-kind-share']);
  const pairs = new Uint32Array(2 * count);
  const everyFace = [...faces.keys()];
  for (let place = 0, misses = 0; place < pairs.length;) {
    const a = pick(everyFace);
    const b = pick((uniform() < sameKindShare ? groups.kind : groups.set)[a]);
    if (faces[a].identity === faces[b].identity) {
      if (++misses > 100 * count + 1_000_000)
        throw new Error('hardly any set has two identities of one kind');
      continue;
    }
    pairs[place++] = a;
    pairs[place++] = b;
  }
  return pairs;
}

/** With replacement; a draw that finds no pair is given up. */
function drawGenuine() {
  const everyFace = [...faces.keys()];
  const pairs = [];
  for (let draw = 0; draw < 10 * mostGenuinePairs && pairs.length < 2 * mostGenuinePairs; draw++) {
    const a = pick(everyFace);
    const b = pick(groups.person[a]);
    if (areTwoPhotographs(faces[a], faces[b])) pairs.push(a, b);
  }
  return Uint32Array.from(pairs);
}

function areTwoPhotographs(a, b) {
  return a.image === undefined || b.image === undefined ? a !== b && a.kind === b.kind : a.image !== b.image;
}

function rounded(_, value) {
  return typeof value === 'number' && !Number.isInteger(value) ? Number(value.toFixed(digits)) : value;
}

/** What share of each kind's own impostor pairs matches, by bands and by one threshold for all. */
function ratesOfKinds(threshold) {
  if (threshold === undefined) return [];
  const nameOf = ({ kind, view }) => (view === undefined ? kind : `${kind}, ${view}`);
  return [...new Set(faces.map(nameOf))].map((kind) => {
    const own = [...faces.keys()].filter((face) => nameOf(faces[face]) === kind);
    const pairs = [];
    for (let draw = 0; draw < 400_000 && pairs.length < 400_000; draw++) {
      const a = pick(own);
      const b = pick(groups.kind[a]);
      if (faces[a].identity !== faces[b].identity) pairs.push(a, b);
    }
    const { similarities, expected } = similaritiesOf(faces, Uint32Array.from(pairs));
    let [byBand, byOne, beyond] = [0, 0, 0];
    for (const [pair, similarity] of similarities.entries()) {
      const band = bandOf(threshold.bands, expected[pair]);
      if (band === undefined) beyond++;
      else if (similarity >= band.similarityThreshold) byBand++;
      if (similarity >= threshold.similarityThreshold) byOne++;
    }
    const share = (part) => (part / similarities.length).toExponential(1);
    return `${kind}: ${similarities.length} pairs of it; FMR ${share(byBand)} by bands, ${share(byOne)} by one threshold; ${share(beyond)} beyond`;
  });
}
