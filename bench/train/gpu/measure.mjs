/**
 * Runs in a bundle (bundle.mjs), on the machine with the GPU: each step by each provider, its first outputs beside the
 * CPU's, and its speed: with the state on the host, and as trainings have it, in buffers of the GPU (webgpu) or sixteen
 * steps a run (cuda, cpu), in 32-bit floats and in mixed precision. One line of JSON for each, then a table.
 *
 *   sh run.sh [--providers webgpu,cuda,cpu] [--seconds 10] [--steps mobilefacenet-32-live,…]
 */
import { readdir, readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import * as ort from 'onnxruntime-node';

/** Largest difference from the CPU, relative to the largest number of an array. */
const tolerance = 1e-3;
const warmUpSteps = 3;
const stepsPerRun = 16;

const { values: options } = parseArgs({
  options: {
    providers: { type: 'string', default: 'webgpu,cuda' },
    seconds: { type: 'string', default: '10' },
    steps: { type: 'string' },
  },
});
const folder = new URL('steps/', import.meta.url);
const all = (await readdir(folder)).filter((name) => name.endsWith('.json')).map((name) => name.slice(0, -5));
const rows = [];
for (const name of options.steps?.split(',') ?? all) await measureStep(name);
console.table(rows);
process.exitCode = rows.some(({ agrees }) => agrees === false) ? 1 : 0;

async function measureStep(name) {
  const step = JSON.parse(await readFile(new URL(`${name}.json`, folder), 'utf8'));
  const model = await readFile(new URL(`${name}.onnx`, folder));
  const reference = await firstOutputs(model, step, 'cpu');
  for (const provider of options.providers.split(',')) {
    const row = { step: name, provider };
    try {
      Object.assign(row, await measureProvider(model, step, provider, reference));
    } catch (error) {
      row.failure = String(error instanceof Error ? error.message : error)
        .replace(/\s+/gu, ' ')
        .slice(0, 300);
    }
    console.log(JSON.stringify(row));
    rows.push(row);
    for (const precision of ['', '-mixed']) await measureOnDevice(name, step, provider, precision);
  }
}

/** The state stays where it is computed with. */
async function measureOnDevice(name, step, provider, precision) {
  const row = { step: name, provider: `${provider}, state there${precision}` };
  const kind = provider === 'webgpu' ? '' : '-loop';
  try {
    const model = await readFile(new URL(`${name}${kind}${precision}.onnx`, folder));
    Object.assign(row, await (kind === '' ? measureBuffers : measureLoop)(model, step, provider));
  } catch (error) {
    row.failure = String(error instanceof Error ? error.message : error)
      .replace(/\s+/gu, ' ')
      .slice(0, 300);
  }
  console.log(JSON.stringify(row));
  rows.push(row);
}

async function measureBuffers(model, step, provider) {
  const locations = Object.fromEntries(step.changed.map((each) => [`next/${each}`, 'gpu-buffer']));
  const session = await sessionFor(model, provider, { preferredOutputLocation: locations });
  let feeds = initialFeeds(step);
  let loss;
  const advance = async () => {
    const results = await session.run(feeds);
    const next = { ...feeds };
    for (const each of step.changed) {
      if (feeds[each].location === 'gpu-buffer') feeds[each].dispose();
      next[each] = results[`next/${each}`];
    }
    feeds = next;
    loss = results['next/loss'].data[0];
  };
  const told = await timed(step, advance, 1);
  for (const each of step.changed) feeds[each].dispose();
  await session.release();
  return { ...told, lastLoss: loss };
}

async function measureLoop(model, step, provider) {
  const session = await sessionFor(model, provider);
  let feeds = stacked(initialFeeds(step), step);
  let loss;
  const advance = async () => {
    const results = await session.run(feeds);
    const next = step.changed.map((each) => [each, results[`next/${each}`]]);
    feeds = { ...feeds, ...Object.fromEntries(next) };
    loss = results['next/loss'].data.at(-1);
  };
  const told = await timed(step, advance, stepsPerRun);
  await session.release();
  return { ...told, lastLoss: loss };
}

/** The same batch as often as there are steps in a run. */
function stacked(feeds, { inputs }) {
  const ofBatch = ['images', 'labels', 'sampleMask', 'learningRate'];
  const repeated = inputs
    .filter(({ name }) => ofBatch.includes(name))
    .map(({ name, shape, dtype }) => {
      const { data } = feeds[name];
      const all = new data.constructor(data.length * stepsPerRun);
      for (let at = 0; at < stepsPerRun; at++) all.set(data, at * data.length);
      return [name, new ort.Tensor(dtype, all, [stepsPerRun, ...shape])];
    });
  return { ...feeds, ...Object.fromEntries(repeated) };
}

/** @param steps of a run */
async function timed({ batch }, advance, steps) {
  await advance();
  const durations = [];
  const endAt = performance.now() + Number(options.seconds) * 1000;
  do {
    const start = performance.now();
    await advance();
    durations.push((performance.now() - start) / steps);
  } while (performance.now() < endAt);
  durations.sort((a, b) => a - b);
  const stepMs = durations[Math.floor(durations.length / 2)];
  return { stepMs: Number(stepMs.toFixed(2)), imagesPerSecond: Number(((1000 * batch) / stepMs).toFixed(1)) };
}

async function measureProvider(model, step, provider, reference) {
  const difference = differenceOf(await firstOutputs(model, step, provider), reference);
  const session = await sessionFor(model, provider);
  try {
    let feeds = initialFeeds(step);
    const advance = async () => {
      const results = await session.run(feeds);
      feeds = {
        ...feeds,
        ...Object.fromEntries(step.changed.map((name) => [name, results[`next/${name}`]])),
      };
    };
    for (let done = 0; done < warmUpSteps; done++) await advance();
    const durations = [];
    const endAt = performance.now() + Number(options.seconds) * 1000;
    while (performance.now() < endAt) {
      const start = performance.now();
      await advance();
      durations.push(performance.now() - start);
    }
    durations.sort((a, b) => a - b);
    const stepMs = durations[Math.floor(durations.length / 2)];
    return {
      stepMs: Number(stepMs.toFixed(2)),
      imagesPerSecond: Number(((1000 * step.batch) / stepMs).toFixed(1)),
      difference: Number(difference.toExponential(1)),
      agrees: difference <= tolerance,
    };
  } finally {
    await session.release();
  }
}

async function sessionFor(model, provider, own = {}) {
  return ort.InferenceSession.create(model, { executionProviders: [provider], logSeverityLevel: 3, ...own });
}

async function firstOutputs(model, step, provider) {
  const session = await sessionFor(model, provider);
  try {
    return await session.run(initialFeeds(step));
  } finally {
    await session.release();
  }
}

function differenceOf(actual, expected) {
  let worst = 0;
  for (const [name, { data }] of Object.entries(expected)) {
    const values = actual[name].data;
    const scale = data.reduce((largest, value) => Math.max(largest, Math.abs(value)), 1e-12);
    for (let at = 0; at < data.length; at++) {
      // A number that is not finite is as wrong as can be.
      const difference = Math.abs(values[at] - data[at]) / scale;
      worst = Number.isFinite(difference) ? Math.max(worst, difference) : Infinity;
    }
  }
  return worst;
}

/** The same on every machine: drawn from one seed. */
function initialFeeds({ batch, classCount, learningRate, inputs }) {
  const random = uniform(1);
  /** @type {Record<string, ort.Tensor>} */
  const feeds = {};
  for (const { name, shape, dtype, mean, deviation } of inputs) {
    const length = shape.reduce((product, extent) => product * extent, 1);
    const values = dtype === 'int32' ? new Int32Array(length) : new Float32Array(length);
    if (name === 'labels') for (let at = 0; at < batch; at++) values[at] = (at * 31) % classCount;
    else if (name === 'sampleMask') values.fill(1);
    else if (name === 'learningRate') values.fill(learningRate);
    else fill(values, random, mean ?? 0, deviation ?? 0.5);
    feeds[name] = new ort.Tensor(dtype, values, shape);
  }
  return feeds;
}

/** Uniform numbers of that mean and deviation. */
function fill(values, random, mean, deviation) {
  const width = deviation * Math.sqrt(12);
  for (let at = 0; at < values.length; at++) values[at] = mean + width * (random() - 0.5);
}

/** mulberry32 */
function uniform(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
