/**
 * Makes a folder that measures training steps on a Linux x64 machine with a GPU, without Node, npm or network there:
 * Node itself (compressed), ONNX Runtime's Linux libraries, the compiled steps, and `run.sh`.
 *
 *   npm run build && node bench/train/gpu/bundle.mjs --output /tmp/gpu-bundle [--backbone mobilefacenet,ir-50] [--batch 32,128]
 *
 * There: sh run.sh [--providers webgpu,cpu] [--seconds 10]; see measure.mjs. WebGPU needs a Vulkan driver. CUDA needs ONNX
 * Runtime's CUDA libraries and their dependencies (CUDA 12, cuDNN 9): give their folder to --cuda-libraries here.
 */
import { copyFile, cp, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';

import * as tf from '@tensorflow/tfjs';

import { compileRepeated, compileToOnnx } from '../../../dist/compiler/index.js';
import { initialState } from '../../../dist/learning/step/initial-state.js';
import { arraysOfState } from '../../../dist/learning/step/step-arrays.js';
import { trainingStep } from '../../../dist/learning/step/training-step.js';
import { benchTrainingSpec, learningRate } from '../training-spec.mjs';

const { values: options } = parseArgs({
  options: {
    output: { type: 'string' },
    backbone: { type: 'string', default: 'mobilefacenet,ir-50' },
    batch: { type: 'string', default: '32,128' },
    normalisation: { type: 'string', default: 'live,frozen' },
    side: { type: 'string', default: '112' },
    'cuda-libraries': { type: 'string' },
  },
});
if (options.output === undefined) throw new Error('Say where the bundle goes: --output FOLDER');
const out = options.output;
const here = dirname(fileURLToPath(import.meta.url));
const modules = join(here, '../../../node_modules');
const libraries = join('onnxruntime-node', 'bin', 'napi-v6', 'linux', 'x64');

await rm(out, { recursive: true, force: true });
await mkdir(join(out, 'steps'), { recursive: true });
await copyProgram();
await tf.setBackend('cpu');
for (const backbone of options.backbone.split(',')) {
  for (const batch of options.batch.split(',')) {
    for (const normalisation of options.normalisation.split(','))
      await writeStep(backbone, batch, normalisation);
  }
}
console.log(`${out}: ${(await readdir(join(out, 'steps'))).length / 5} steps; run it there with sh run.sh`);

async function copyProgram() {
  for (const name of ['measure.mjs', 'run.sh']) await copyFile(join(here, name), join(out, name));
  await mkdir(join(out, 'pytorch/bench/train'), { recursive: true });
  await mkdir(join(out, 'pytorch/test/numerics'), { recursive: true });
  await copyFile(join(here, '../pytorch.py'), join(out, 'pytorch/bench/train/pytorch.py'));
  const residual = join(here, '../../../test/numerics/improved_resnet.py');
  await copyFile(residual, join(out, 'pytorch/test/numerics/improved_resnet.py'));
  const target = join(out, 'node_modules');
  for (const name of ['onnxruntime-common', 'onnxruntime-node']) {
    for (const part of ['package.json', 'dist']) {
      await cp(join(modules, name, part), join(target, name, part), { recursive: true, dereference: true });
    }
  }
  await cp(join(modules, libraries), join(target, libraries), { recursive: true });
  const cuda = options['cuda-libraries'];
  if (cuda !== undefined) await cp(cuda, join(target, libraries), { recursive: true });
  await writeFile(join(out, 'node.gz'), gzipSync(await readFile(process.execPath)));
}

async function writeStep(backbone, batch, normalisation) {
  const side = Number(options.side);
  const spec = benchTrainingSpec({ backbone, batchSize: Number(batch), side, normalisation });
  const definition = trainingStep(spec);
  const traced = {
    ...definition,
    name: backbone,
    outputs: definition.outputs.map((name) => `next/${name}`),
    outputsEarly: true,
  };
  const name = `${backbone}-${batch}-${normalisation}`;
  await writeFile(join(out, 'steps', `${name}.onnx`), compileToOnnx(traced));
  await writeFile(join(out, 'steps', `${name}-loop.onnx`), compileRepeated(repeatedOf(traced, definition)));
  // In 16 bits without a scaled loss: its speed is what is asked for, and how far its figures are from those in 32.
  const mixed = {
    hasRuntimeOperators: false,
    channelBlock: undefined,
    halfProducts: /** @type {const} */ ('computed'),
  };
  await writeFile(join(out, 'steps', `${name}-mixed.onnx`), compileToOnnx(traced, mixed));
  const loop = compileRepeated(repeatedOf(traced, definition), mixed);
  await writeFile(join(out, 'steps', `${name}-loop-mixed.onnx`), loop);
  const state = arraysOfState(initialState(spec, 1), definition.inputs);
  const inputs = definition.inputs.map((input) => ({ ...input, ...spreadOf(state.get(input.name)) }));
  const changed = definition.outputs.slice(definition.figures.length);
  const step = {
    backbone,
    batch: Number(batch),
    normalisation,
    side,
    classCount: spec.classCount,
    learningRate,
    inputs,
    changed,
  };
  await writeFile(join(out, 'steps', `${name}.json`), JSON.stringify(step));
}

/** Several steps a run, as src/learning/engines/device/looped-steps.ts has them. */
function repeatedOf(traced, { inputs, outputs, figures }) {
  const changed = outputs.slice(figures.length);
  const ofBatch = ['images', 'labels', 'sampleMask', 'learningRate'];
  return {
    ...traced,
    perRepetition: inputs.map(({ name }) => name).filter((name) => ofBatch.includes(name)),
    carried: new Map(changed.map((name) => [`next/${name}`, name])),
  };
}

/** Weights are drawn anew where they are used: those of IR-50 would be most of the bundle. */
function spreadOf(values) {
  if (values === undefined) return {};
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) };
}
