/**
 * How well weights of a design tell identities apart that they were not trained on, and those a part of the way there from
 * what was trained on: the way to choose among trainings, without a test set. After `npm run build`; folders are tagged
 * (`symface dataset tag`).
 *
 *   node bench/accuracy/weights.mjs --design mobilefacenet --start START.safetensors|START.onnx [--channel-order BGR]
 *     [--trained WEIGHTS.safetensors …] [--shares 0.3,0.5,0.7,1] [--graph SERVED.onnx …] [--without-start]
 *     SET=FOLDER[:SUBFOLDER[+SUBFOLDER]]@LIST.yaml[#PIXELS] …
 *
 * LIST.yaml names the identities. All pairs of a set are compared; with two subfolders, those of an image of each. With #30
 * crops are as a bad camera has them: made as small as that, with noise of σ 7, as JPEG of quality 40, and large again.
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import sharp from 'sharp';
import { parse } from 'yaml';

import { fitLogistic } from '../../dist/core/protocols/calibration/logistic-calibration.js';
import {
  areaUnderCurve,
  equalErrorRate,
  operatingPoints,
  pointAtFalseMatchRate,
  rankPairs,
} from '../../dist/core/protocols/metrics/operating-points.js';
import { uniformGenerator } from '../../dist/core/random/seeded-random.js';
import { cosineSimilarity, l2Normalise } from '../../dist/core/verification/similarity.js';
import { OnnxSession } from '../../dist/inference/runtime/onnx-session.js';
import { createBackbone } from '../../dist/learning/backbones/backbone.js';
import { backboneArchitecture } from '../../dist/learning/backbones/catalogue.js';
import { compileServingGraph } from '../../dist/learning/backbones/serving-graph.js';
import { suppressTfjsNotice } from '../../dist/learning/engines/tfjs-notice.js';
import { interpolatedWeights } from '../../dist/learning/step/weight-interpolation.js';
import { readSafetensors } from '../../dist/storage/weights/safetensors.js';
import { adoptedWeights } from '../../dist/training/configuration/adopted-weights.js';
import { openDataLoader } from '../../dist/training/data/open-data-loader.js';

const SIDE = 112;
const BATCH = 32;
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    design: { type: 'string', default: 'mobilefacenet' },
    'embedding-size': { type: 'string', default: '512' },
    start: { type: 'string' },
    'channel-order': { type: 'string', default: 'RGB' },
    trained: { type: 'string', multiple: true, default: [] },
    graph: { type: 'string', multiple: true, default: [] },
    shares: { type: 'string', default: '1' },
    'without-start': { type: 'boolean', default: false },
    threads: { type: 'string', default: '0' },
  },
});
if (options.start === undefined || positionals.length === 0)
  throw new Error('name --start and a SET=FOLDER@LIST.yaml');
suppressTfjsNotice();
const backbone = createBackbone(backboneArchitecture(options.design), {
  embeddingSize: Number(options['embedding-size']),
});
const start = await weightsOf(options.start);
const sets = [];
for (const argument of positionals) sets.push(await openSet(argument));
if (!options['without-start']) await report('start', compileServingGraph(backbone, start));
for (const file of options.trained) {
  const trained = await weightsOf(file);
  for (const share of options.shares.split(',').map(Number))
    await report(
      `${share} of ${file}`,
      compileServingGraph(backbone, interpolatedWeights(start, trained, share)),
    );
}
for (const file of options.graph) await report(file, await readFile(file));

async function weightsOf(file) {
  const bytes = await readFile(file);
  return file.endsWith('.onnx')
    ? adoptedWeights(bytes, backbone, /** @type {'RGB' | 'BGR'} */ (options['channel-order']))
    : readSafetensors(bytes);
}

/** @returns crops [n] of 112x112x3 bytes, their identities, and which of the subfolders they are of */
async function openSet(argument) {
  const [, name, folder, subfolders = '', list, side] =
    /^([^=]+)=([^:@]+)(?::([^@]+))?@([^#]+)(?:#(\d+))?$/u.exec(argument) ?? [];
  if (name === undefined) throw new Error(`${argument} is no SET=FOLDER[:SUBFOLDER]@LIST.yaml`);
  const include = parse(await readFile(list, 'utf8'));
  const set = { name, crops: [], identities: [], parts: [], isAcross: subfolders.includes('+') };
  for (const [part, subfolder] of subfolders.split('+').entries()) {
    const data = await openDataLoader({
      location: { format: 'identity-folder', path: folder, subfolder },
      tagsPath: `${folder}/tags.jsonl`,
      imageKind: 'photograph',
      identities: { include },
      batchSize: BATCH,
      splitFraction: 0,
    });
    for await (const { images, labels } of data.wholeFaces(BATCH)) {
      for (const [row, label] of labels.entries()) {
        const pixels = images.subarray(row * SIDE * SIDE * 3, (row + 1) * SIDE * SIDE * 3);
        set.crops.push(Uint8Array.from(pixels, (value) => Math.round(value * 128 + 127.5)));
        // Classes are the identities in the order of their names, in each subfolder.
        set.identities.push(label);
        set.parts.push(part);
      }
    }
    await data.close();
  }
  return side === undefined ? set : atLowResolution(set, Number(side));
}

async function atLowResolution(set, side) {
  const uniform = uniformGenerator(1);
  const crops = [];
  for (const crop of set.crops) {
    const small = await sharp(crop, { raw: { width: SIDE, height: SIDE, channels: 3 } })
      .resize(side, side, { kernel: 'linear' })
      .raw()
      .toBuffer();
    const noisy = Uint8ClampedArray.from(small, (value) => value + 7 * normal(uniform));
    const jpeg = await sharp(noisy, { raw: { width: side, height: side, channels: 3 } })
      .jpeg({ quality: 40 })
      .toBuffer();
    crops.push(new Uint8Array(await sharp(jpeg).resize(SIDE, SIDE, { kernel: 'cubic' }).raw().toBuffer()));
  }
  return { ...set, crops };
}

/** Box and Muller, 1958. */
function normal(uniform) {
  return Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

async function report(label, graph) {
  const session = await OnnxSession.load(graph, { intraOpThreads: Number(options.threads) });
  for (const set of sets) {
    const figures = figuresOf(set, await embeddingsOf(session, set.crops));
    console.log(JSON.stringify({ weights: label, set: set.name, ...figures }));
  }
  await session.release();
}

/** With the mirror image, as they are served. */
async function embeddingsOf(session, crops) {
  const embeddings = [];
  for (let first = 0; first < crops.length; first += BATCH) {
    const batch = crops.slice(first, first + BATCH);
    const upright = await run(session, batch, false);
    const mirrored = await run(session, batch, true);
    for (const [row, embedding] of upright.entries())
      embeddings.push(l2Normalise(embedding.map((value, index) => value + mirrored[row][index])));
  }
  return embeddings;
}

async function run(session, crops, isMirrored) {
  const data = new Float32Array(crops.length * 3 * SIDE * SIDE);
  let place = 0;
  for (const crop of crops)
    for (let channel = 0; channel < 3; channel++)
      for (let y = 0; y < SIDE; y++)
        for (let x = 0; x < SIDE; x++) {
          const column = isMirrored ? SIDE - 1 - x : x;
          data[place++] = (crop[(y * SIDE + column) * 3 + channel] - 127.5) / 128;
        }
  const [{ data: rows }] = await session.run({ data, dimensions: [crops.length, 3, SIDE, SIDE] });
  const length = rows.length / crops.length;
  return crops.map((_, row) => rows.slice(row * length, (row + 1) * length));
}

function figuresOf({ identities, parts, isAcross }, embeddings) {
  const [similarities, genuine] = [[], []];
  for (const [a, left] of embeddings.entries())
    for (let b = a + 1; b < embeddings.length; b++) {
      if (isAcross && parts[a] === parts[b]) continue;
      similarities.push(cosineSimilarity(left, embeddings[b]));
      genuine.push(identities[a] === identities[b]);
    }
  const pairs = { similarities: Float64Array.from(similarities), genuine };
  const points = operatingPoints(rankPairs(pairs));
  const at = (rate) => pointAtFalseMatchRate(points, rate);
  const of = (kind) => momentsOf(similarities.filter((_, pair) => genuine[pair] === kind));
  return {
    genuine: of(true),
    impostors: of(false),
    tar1e3: percent(at(1e-3).trueAcceptRate),
    tar1e2: percent(at(1e-2).trueAcceptRate),
    eer: percent(equalErrorRate(points)),
    auc: Number(areaUnderCurve(points).toFixed(5)),
    threshold1e3: rounded(at(1e-3).similarityThreshold),
    threshold1e2: rounded(at(1e-2).similarityThreshold),
    matchProbability: fitLogistic(pairs),
  };
}

function momentsOf(values) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { pairs: values.length, mean: rounded(mean), deviation: rounded(Math.sqrt(variance)) };
}

function rounded(value) {
  return Number(value.toFixed(4));
}

function percent(share) {
  return Number((100 * share).toFixed(2));
}
