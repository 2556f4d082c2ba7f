// How fast training data comes, and for which share of the time a training step of a given length waits for it:
//   node bench/training-data/idle-share.mjs FOLDER --tags tags.jsonl [--aligned] [--batch-size 150] [--threads N]
//     [--step-ms 0,100,1000] [--epochs 2] [--cache-mib 1024] [--format identity-folder]
// The step blocks the event loop, as onnxruntime-node does, without using a core, as a GPU does.
import { parseArgs } from 'node:util';
import { openDataLoader } from '../../dist/training/data/open-data-loader.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    tags: { type: 'string' },
    format: { type: 'string', default: 'identity-folder' },
    aligned: { type: 'boolean', default: false },
    'batch-size': { type: 'string', default: '150' },
    threads: { type: 'string' },
    'step-ms': { type: 'string', default: '0' },
    epochs: { type: 'string', default: '2' },
    'cache-mib': { type: 'string', default: '1024' },
  },
});
const [path] = positionals;
const neverNotified = new Int32Array(new SharedArrayBuffer(4));

for (const stepMs of values['step-ms'].split(',').map(Number)) {
  const openedAtMs = performance.now();
  const data = await openDataLoader({
    location: {
      format:
        /** @type {import('../../dist/training/data/training-face-source.js').TrainingDataLocation['format']} */ (
          values.format
        ),
      path,
    },
    imageKind: values.aligned ? 'aligned-crop' : 'photograph',
    batchSize: Number(values['batch-size']),
    cacheBytes: Number(values['cache-mib']) * 1024 ** 2,
    ...(values.tags !== undefined && { tagsPath: values.tags }),
    ...(values.threads !== undefined && { threads: Number(values.threads) }),
  });
  const { counts, classCount, layout, shape } = data;
  const openedMs = performance.now() - openedAtMs;
  console.log(JSON.stringify({ stepMs, openedMs: Math.round(openedMs), counts, classCount, layout, shape }));
  for (let epoch = 0; epoch < Number(values.epochs); epoch++) {
    const startedAtMs = performance.now();
    const waits = [];
    for await (const { waitedMs } of data.batches(epoch)) {
      waits.push(waitedMs);
      if (stepMs > 0) Atomics.wait(neverNotified, 0, 0, stepMs);
    }
    const seconds = (performance.now() - startedAtMs) / 1000;
    const share = (milliseconds) => `${(milliseconds / 10 / seconds || 0).toFixed(2)} %`;
    const waitedMs = waits.reduce((sum, wait) => sum + wait, 0);
    console.log(
      `  epoch ${epoch}: ${seconds.toFixed(2)} s, ${(layout.sampleCount / seconds).toFixed(0)} samples/s, ` +
        `waited ${share(waitedMs)} of the time, ${share(waitedMs - waits[0])} without the first batch`,
    );
  }
  await data.close();
}
