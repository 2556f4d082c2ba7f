// Trains a tiny network with its state in buffers of WebGPU, and on the processor, and prints both as JSON: node device-steps.mjs
// It is a process of its own, since the driver is found by the environment that a process starts with.
import * as tf from '@tensorflow/tfjs';

import { createBackbone } from '../../dist/learning/backbones/backbone.js';
import { DeviceTrainingEngine } from '../../dist/learning/engines/device/device-training-engine.js';
import { OrtTrainingEngine } from '../../dist/learning/engines/ort-training-engine.js';
import { requireProvider } from '../../dist/learning/engines/require-provider.js';
import { convolution, normalised, prelu, sequence } from '../../dist/learning/layers/index.js';
import { adaFace } from '../../dist/learning/losses/face/ada-face.js';
import { initialState } from '../../dist/learning/step/initial-state.js';

const side = 16;
const samples = 4;
const classCount = 5;
const steps = 4;
const decay = 5e-4;
const activated = (options) => sequence({ convolution: normalised(convolution(options)), activation: prelu });

function specOf(accumulateSteps) {
  return {
    backbone: createBackbone(
      {
        name: 'tiny-face-net',
        source: 'made for tests',
        defaultEmbeddingSize: 8,
        network: (channels) =>
          sequence({
            stem: activated({ channels: 8, kernel: 3, stride: 2 }),
            depthwise: activated({ channels: 8, kernel: 3, groups: 'depthwise' }),
            global: normalised(convolution({ channels: 8, kernel: 'global', groups: 'depthwise' })),
            embedding: normalised(convolution({ channels, kernel: 1, decayGroup: 'last-layer' })),
          }),
      },
      { inputSize: { height: side, width: side }, embeddingSize: 8 },
    ),
    faceLoss: adaFace({ scale: 8 }),
    classCount,
    symmetry: { compare: /** @type {const} */ ('unit') },
    sgd: {
      momentum: 0.9,
      gradientClipNorm: 5,
      weightDecay: { weights: decay, 'last-layer': decay, normalisation: 0, slopes: 0, head: decay },
    },
    normalisation: /** @type {const} */ ('frozen'),
    batch: { batchSize: samples, splitSlots: 1, imageHeight: side, imageWidth: side },
    accumulateSteps,
  };
}

const batchOf = (step) => ({
  images: Float32Array.from({ length: samples * side * side * 3 }, (_, at) =>
    Math.sin(at * 12.9898 + step * 78.233),
  ),
  labels: Int32Array.from({ length: samples }, (_, at) => (at + step) % classCount),
  sampleMask: new Float32Array(samples).fill(1),
  rho: Float32Array.of(0.6),
});

async function trained(engine, accumulateSteps) {
  const reports = [];
  for (let step = 0; step < steps; step++) {
    const isLast = step % accumulateSteps === accumulateSteps - 1;
    reports.push(await engine.step(batchOf(step), 0.01, { batchCount: accumulateSteps, isLast }));
  }
  return reports;
}

/** Largest difference of two states' arrays, relative to the largest number of the array. */
function differenceOf(one, other) {
  let worst = 0;
  for (const kind of ['weights', 'velocities']) {
    for (const [name, { values }] of one[kind]) {
      const size = values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1e-6);
      const others = other[kind].get(name).values;
      values.forEach((value, at) => (worst = Math.max(worst, Math.abs(value - others[at]) / size)));
    }
  }
  return worst;
}

async function compared(accumulateSteps) {
  const spec = specOf(accumulateSteps);
  const state = initialState(spec, 2);
  const cpu = await OrtTrainingEngine.start(spec, state, { provider: 'cpu', threads: 1 });
  const gpu = await DeviceTrainingEngine.start(spec, state, { provider: 'webgpu', threads: 1 });
  const started = differenceOf(await gpu.state(), state);
  const reports = { cpu: await trained(cpu, accumulateSteps), gpu: await trained(gpu, accumulateSteps) };
  const broken = batchOf(0);
  broken.images.fill(Number.NaN);
  const before = await gpu.state();
  const divergence = await gpu.step(broken, 0.01).then(
    () => 'none',
    (error) => error.reason,
  );
  const outcome = {
    ...reports,
    started,
    moved: differenceOf(before, state),
    difference: differenceOf(before, await cpu.state()),
    lossState: [before.lossState, (await cpu.state()).lossState],
    divergence,
    changedByDivergence: differenceOf(await gpu.state(), before),
  };
  await Promise.all([cpu.close(), gpu.close()]);
  return outcome;
}

/** What it says on a GPU that computes in 32 bits only; 'trains' on others. */
async function mixed() {
  const spec = specOf(1);
  try {
    const options = /** @type {const} */ ({ provider: 'webgpu', threads: 1, precision: 'mixed' });
    const engine = await DeviceTrainingEngine.start(spec, initialState(spec, 2), options);
    await engine.step(batchOf(0), 0.01);
    return 'trains';
  } catch (error) {
    return `${error.reason}: ${error.message}`;
  }
}

await tf.setBackend('cpu');
await requireProvider('webgpu');
const outcome = { single: await compared(1), accumulated: await compared(2), mixed: await mixed() };
process.stdout.write(`${JSON.stringify(outcome)}\n`, () => process.exit(0));
