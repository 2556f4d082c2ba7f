/**
 * Our side of `main.mjs`, in a process of its own: the engine of `symface train` on a batch that stays the same, for some
 * seconds, and what it cost as one line of JSON; under `mpirun` several take each step together. --parts adds
 * the median and the least milliseconds of a step by part; with --profile PATH ONNX Runtime writes where the time went.
 */
import { resourceUsage } from 'node:process';
import { parseArgs } from 'node:util';

import * as tf from '@tensorflow/tfjs';

import { OrtTrainingEngine } from '../../dist/learning/engines/ort-training-engine.js';
import { initialState } from '../../dist/learning/step/initial-state.js';
import { headShareOf } from '../../dist/learning/step/head-share.js';
import { sampleClasses, withSampledClasses } from '../../dist/learning/step/sampled-classes.js';
import { launchedProcess } from '../../dist/training/parallel/launched-process.js';
import { MpiProcesses } from '../../dist/training/parallel/mpi-processes.js';
import { endStep, measureParts, partsOfSteps } from './step-breakdown.mjs';
import { benchTrainingSpec, learningRate } from './training-spec.mjs';

const { values: options } = parseArgs({
  options: {
    backbone: { type: 'string', default: 'mobilefacenet' },
    batch: { type: 'string', default: '32' },
    accumulate: { type: 'string', default: '1' },
    size: { type: 'string', default: '112' },
    normalisation: { type: 'string', default: 'live' },
    provider: { type: 'string', default: 'cpu' },
    seconds: { type: 'string', default: '10' },
    steps: { type: 'string' },
    threads: { type: 'string', default: '2' },
    classes: { type: 'string', default: '1000' },
    'sample-rate': { type: 'string' },
    split: { type: 'boolean', default: false },
    synchronised: { type: 'boolean', default: false },
    ranks: { type: 'boolean', default: false },
    parts: { type: 'boolean', default: false },
    recompute: { type: 'boolean', default: false },
    embedding: { type: 'string' },
    profile: { type: 'string' },
    'memory-every': { type: 'string' },
  },
});
const warmUpSteps = 2;
const batchSize = Number(options.batch);
const [imageHeight, imageWidth] = [Number(options.size), Number(options.size)];

await tf.setBackend('cpu');
const spec = {
  recompute: options.recompute,
  ...benchTrainingSpec({
    backbone: options.backbone,
    batchSize,
    side: imageHeight,
    normalisation: /** @type {'live' | 'frozen'} */ (options.normalisation),
    classCount: Number(options.classes),
    ...(options.embedding === undefined ? {} : { embeddingSize: Number(options.embedding) }),
    ...(options['sample-rate'] === undefined ? {} : { sampleRate: Number(options['sample-rate']) }),
    splitHead: options.split,
  }),
  synchronisedNorms: options.synchronised,
};
const launched = launchedProcess(process.env);
const processes = launched && (await MpiProcesses.join(launched, 600_000, console.error));
// Of a head that is split each process draws among its own classes.
const share = options.split && processes !== undefined ? headShareOf(spec, processes) : undefined;
const { first, classCount, sampledClasses } = share ?? { first: 0, ...spec };
const batch = {
  images: waves(batchSize * imageHeight * imageWidth * 3),
  labels: Int32Array.from({ length: batchSize }, (_, index) => (index * 31) % spec.classCount),
  sampleMask: new Float32Array(batchSize).fill(1),
  rho: new Float32Array(),
};
const start = performance.now();
const engineOptions = {
  provider: /** @type {'cpu' | 'cuda' | 'webgpu'} */ (options.provider),
  threads: Number(options.threads),
  ...(options.profile === undefined ? {} : { profilePath: options.profile }),
};
const engine = await OrtTrainingEngine.start(spec, initialState(spec, 1), engineOptions, processes);
const startMs = performance.now() - start;

if (options.parts) measureParts();
const losses = [];
for (let step = 0; step < warmUpSteps; step++) await trainOneStep();
// Those of the warm-up do not count.
partsOfSteps();
const { durations, cpuMs } = await measureSteps();
durations.sort((a, b) => a - b);
const told = JSON.stringify({
  stepMs: durations[Math.floor(durations.length / 2)],
  fastestStepMs: durations[0],
  cpuMsPerStep: cpuMs / durations.length,
  steps: durations.length,
  // Without what garbage collection has not come to, as all that lives is in arrays.
  residentMebibytes: process.memoryUsage.rss() / 2 ** 20,
  peakMebibytes: resourceUsage().maxRSS / 1024,
  startMs,
  firstLoss: losses[0],
  lastLoss: losses.at(-1),
  ...(options.parts && { rank: processes?.rank ?? 0, parts: partsOfSteps() }),
});
if ((processes?.rank ?? 0) === 0 || options.ranks) console.log(told);
await engine.close();
await processes?.leave();

/** One step of descent, of the gradients of --accumulate batches of this process and of each other one. */
async function trainOneStep() {
  const ownBatches = Number(options.accumulate);
  for (let batch = 1; batch <= ownBatches; batch++) {
    const { loss } = await engine.step(batchOf(losses.length), learningRate, {
      batchCount: ownBatches * (processes?.size ?? 1),
      isLast: batch === ownBatches,
    });
    if (batch === ownBatches) losses.push(loss);
  }
  endStep();
}

async function measureSteps() {
  const limit = options.steps === undefined ? Infinity : Number(options.steps);
  const endAt = options.steps === undefined ? performance.now() + Number(options.seconds) * 1000 : Infinity;
  const memoryEvery = Number(options['memory-every'] ?? Infinity);
  const durations = [];
  const cpuStart = process.cpuUsage();
  while (durations.length < limit && performance.now() < endAt) {
    const start = performance.now();
    await trainOneStep();
    durations.push(performance.now() - start);
    if (durations.length % memoryEvery === 0) reportMemory(durations.length);
  }
  const { user, system } = process.cpuUsage(cpuStart);
  return { durations, cpuMs: (user + system) / 1000 };
}

function reportMemory(step) {
  const mebibytes = (process.memoryUsage.rss() / 2 ** 20).toFixed(1);
  process.stderr.write(`step ${step}: ${mebibytes} MiB resident, loss ${losses.at(-1).toFixed(4)}\n`);
}

/** The batch, on the classes that a step is computed on. */
function batchOf(step) {
  if (sampledClasses === undefined) return batch;
  const counts = { count: sampledClasses, classCount };
  const own = batch.labels.map((label) => label - first).filter((label) => label >= 0 && label < classCount);
  const classes = sampleClasses(own, counts, 1 + first, { epoch: 0, batch: step });
  return share === undefined ? withSampledClasses(batch, classes) : { ...batch, classes };
}

/** Numbers without a pattern that a network could learn. */
function waves(count) {
  return Float32Array.from({ length: count }, (_, index) => Math.sin(index * index * 0.37 + index * 1.7));
}
