/**
 * `npm run bench:casia`: a row of the paper's Table 1 for a few minutes, on a synthetic set of CASIA-WebFace's size (490,000 faces of 10,572
 * identities), by the recipe and everything that `symface train` trains with: throughput, memory, and the hours that a whole row takes.
 *
 *   npm run build && npm run bench:casia -- [--minutes 4] [--threads 2] [--faces 490000] [--identities 10572] [--set recompute=true ...]
 *
 * The pictures are drawn (2,000 of 112x112, some 4 KB of JPEG each) and shared by the faces of an identity (record-file.mjs): reading and decoding cost
 * what they cost in a real set, the disk 180 MB in place of 2 GB, which all fit into the system's cache. No face is split, since there are no tags.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { resourceUsage } from 'node:process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import * as tf from '@tensorflow/tfjs';

import { OrtTrainingEngine } from '../../dist/learning/engines/ort-training-engine.js';
import { accumulationAt } from '../../dist/learning/step/accumulation.js';
import { initialState } from '../../dist/learning/step/initial-state.js';
import { buildBackbone } from '../../dist/training/configuration/build-backbone.js';
import { buildTrainingSpec } from '../../dist/training/configuration/build-training-spec.js';
import { dataLoaderConfigOf } from '../../dist/training/configuration/data-loader-config.js';
import { readTrainingConfiguration } from '../../dist/training/configuration/training-configuration.js';
import { openDataLoader } from '../../dist/training/data/open-data-loader.js';
import { drawnPictures } from '../training-data/pictures.mjs';
import { writeSharedRecords } from '../training-data/record-file.mjs';

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '4' },
    threads: { type: 'string', default: '2' },
    faces: { type: 'string', default: '490000' },
    identities: { type: 'string', default: '10572' },
    set: { type: 'string', multiple: true, default: [] },
  },
});
const recipe = fileURLToPath(new URL('../../recipes/paper/lightweight.yaml', import.meta.url));
/** Batches before the clock: memory and caches are not yet what they are later. */
const warmUpBatches = 6;
const faceCounts = { 'CASIA-WebFace': 490_623, MS1MV2: 5_822_653 };
/** Of two processes on two cores with this recipe's step, docs/results/training-speed.md: 1.99 times the images of one. */
const efficiency = 0.99;
const recordsPerIdentity = 4;

const folder = await mkdtemp(join(tmpdir(), 'symface-casia-'));
try {
  const path = join(folder, 'train.rec');
  await writeSet(path);
  await tf.setBackend('cpu');
  const located = await readTrainingConfiguration(recipe, [
    `data.path=${path}`,
    'evaluate.benchmarks=[]',
    ...options.set,
  ]);
  const { configuration } = located;
  const { backbone, alignment } = await buildBackbone(located);
  const startMs = performance.now();
  const data = await openDataLoader(dataLoaderConfigOf(located, alignment));
  console.log(
    `opened in ${seconds(startMs)} s: ${data.faceCount} faces, ${data.classCount} classes; ${resident()} MiB resident`,
  );
  const spec = buildTrainingSpec(configuration, backbone, data.classCount, data.shape);
  const state = initialState(spec, configuration.seed);
  const engine = await OrtTrainingEngine.start(spec, state, {
    provider: 'cpu',
    threads: Number(options.threads),
  });
  const imagesPerSecond = await trained(engine, data, configuration);
  await engine.close();
  await data.close();
  tellHours(imagesPerSecond, configuration.epochs);
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function writeSet(path) {
  const pictures = await drawnPictures(2000, 112);
  writeSharedRecords(path, {
    faceCount: Number(options.faces),
    identityCount: Number(options.identities),
    recordsPerIdentity,
    picture: (identity, number) => pictures[(identity * recordsPerIdentity + number) % pictures.length],
  });
}

/** Trains for some minutes. @returns images a second */
async function trained(engine, data, { accumulateSteps, learningRate }) {
  const endMs = performance.now() + Number(options.minutes) * 60_000;
  const { batchSize } = data.shape;
  let [startMs, toldMs, waitedMs, count] = [performance.now(), performance.now(), 0, 0];
  for await (const { waitedMs: waited, place, ...batch } of data.batches(0)) {
    const accumulation = accumulationAt(accumulateSteps, place, data.batchesPerEpoch);
    // A hundredth of the recipe's rate: there is nothing in the pictures to learn by it.
    const { loss } = await engine.step(batch, learningRate.initial / 100, accumulation);
    if (place + 1 === warmUpBatches) [startMs, waitedMs, count] = [performance.now(), 0, 0];
    else [waitedMs, count] = [waitedMs + waited, count + 1];
    if (performance.now() - toldMs > 20_000) {
      toldMs = performance.now();
      tell(place + 1, loss);
    }
    if (performance.now() > endMs) break;
  }
  const elapsedMs = performance.now() - startMs;
  const imagesPerSecond = (count * batchSize) / (elapsedMs / 1000);
  console.log(
    `${count} batches of ${batchSize}: ${imagesPerSecond.toFixed(1)} images/s; ${((100 * waitedMs) / elapsedMs).toFixed(1)} % of the time waiting for data; at most ${(resourceUsage().maxRSS / 1024).toFixed(0)} MiB resident`,
  );
  return imagesPerSecond;
}

/** What whole rows take, without SymFace: with it an epoch has 0.3 of the symmetric faces once more (Eq. 8). */
function tellHours(imagesPerSecond, epochs) {
  for (const [name, faceCount] of Object.entries(faceCounts)) {
    const hours = (faceCount * epochs) / imagesPerSecond / 3600;
    const shared = [2, 8, 64].map((ranks) => `${(hours / (ranks * efficiency)).toFixed(1)} h on ${ranks}`);
    console.log(
      `MobileFaceNet on ${name}, ${epochs} epochs: ${hours.toFixed(0)} h here; at ${efficiency} of a machine's speed for each of N such: ${shared.join(', ')}`,
    );
  }
}

function tell(batches, loss) {
  console.log(`after ${batches} batches: ${resident()} MiB resident, loss ${loss.toFixed(3)}`);
}

function resident() {
  return (process.memoryUsage.rss() / 2 ** 20).toFixed(0);
}

function seconds(sinceMs) {
  return ((performance.now() - sinceMs) / 1000).toFixed(1);
}
