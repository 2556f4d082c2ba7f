/**
 * Our side of `main.mjs`, in a process of its own: compiles the step, runs it for some seconds and prints what it cost
 * as one line of JSON. With --profile PATH ONNX Runtime writes where the time went.
 */
import { resourceUsage } from 'node:process';
import { parseArgs } from 'node:util';
import * as ort from 'onnxruntime-node';
import { classCount, compileTrainingStep, waves } from './training-step.mjs';

const { values: options } = parseArgs({
  options: {
    backbone: { type: 'string', default: 'mobilefacenet' },
    batch: { type: 'string', default: '32' },
    size: { type: 'string', default: '112' },
    normalisation: { type: 'string', default: 'live' },
    seconds: { type: 'string', default: '10' },
    steps: { type: 'string' },
    threads: { type: 'string', default: '2' },
    profile: { type: 'string' },
    'memory-every': { type: 'string' },
  },
});
const warmUpSteps = 2;
const batch = Number(options.batch);
const compileStart = performance.now();
const { model, arrays, changing, pixelsPerImage } = await compileTrainingStep({
  backboneName: options.backbone,
  batch,
  size: Number(options.size),
  normalisation: options.normalisation,
});
const compileMs = performance.now() - compileStart;
const sessionStart = performance.now();
const session = await ort.InferenceSession.create(model, {
  intraOpNumThreads: Number(options.threads),
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  logSeverityLevel: 3,
  ...JSON.parse(process.env.SESSION ?? '{}'),
  extra: { session: { set_denormal_as_zero: '1' } },
  ...(options.profile === undefined ? {} : { enableProfiling: true, profileFilePrefix: options.profile }),
});
const sessionMs = performance.now() - sessionStart;

// Each array lives twice: one is read while the other is written, and then they change places.
const tensor = (values, shape) => new ort.Tensor('float32', values, shape);
let [current, next] = [{}, {}];
const fixed = {
  images: tensor(waves(batch * pixelsPerImage), [batch, 3, Number(options.size), Number(options.size)]),
  labels: new ort.Tensor(
    'int32',
    Int32Array.from({ length: batch }, (_, i) => (i * 31) % classCount),
    [batch],
  ),
  learningRate: tensor(Float32Array.of(0.01), []),
};
for (const { name, shape, values, isFixed } of arrays) {
  if (isFixed) fixed[name] = tensor(values, shape);
}
for (const { name, shape, values } of changing) {
  current[name] = tensor(values, shape);
  next[name] = tensor(new Float32Array(values.length), shape);
}
const loss = tensor(new Float32Array(1), []);

async function step() {
  const fetches = { loss };
  for (const { name } of changing) fetches[`next ${name}`] = next[name];
  await session.run({ ...fixed, ...current }, fetches);
  [current, next] = [next, current];
}

for (let i = 0; i < warmUpSteps; i++) await step();
const losses = [loss.data[0]];
const endAt = performance.now() + Number(options.seconds) * 1000;
const limit = Number(options.steps ?? Infinity);
const durations = [];
const cpuStart = process.cpuUsage();
while (durations.length < limit && (options.steps !== undefined || performance.now() < endAt)) {
  const start = performance.now();
  await step();
  durations.push(performance.now() - start);
  losses.push(loss.data[0]);
  const every = Number(options['memory-every'] ?? Infinity);
  if (durations.length % every === 0) {
    const mebibytes = (process.memoryUsage.rss() / 2 ** 20).toFixed(1);
    process.stderr.write(
      `step ${durations.length}: ${mebibytes} MiB resident, loss ${loss.data[0].toFixed(4)}\n`,
    );
  }
}
const cpu = process.cpuUsage(cpuStart);
durations.sort((a, b) => a - b);
console.log(
  JSON.stringify({
    stepMs: durations[Math.floor(durations.length / 2)],
    fastestStepMs: durations[0],
    cpuMsPerStep: (cpu.user + cpu.system) / 1000 / durations.length,
    steps: durations.length,
    peakMebibytes: resourceUsage().maxRSS / 1024,
    compileMs,
    sessionMs,
    firstLoss: losses[0],
    lastLoss: losses.at(-1),
  }),
);
if (options.profile !== undefined) await session.release();
