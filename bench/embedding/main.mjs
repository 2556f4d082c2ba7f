/**
 * What a face costs on one core, for every backbone that a data folder has: the crop and, where the model adds it, its
 * mirror image. The models take turns; the median of each one's fastest round counts.
 *
 *   npm run bench:embedding -- [--data-dir .symface] [--rounds 5] [--faces 40] [--reference dlib-resnet]
 */
import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';

import { OnnxFaceEmbedder } from '../../dist/inference/embed/onnx-face-embedder.js';
import { ModelFiles } from '../../dist/storage/models/model-files.js';
import { noiseCrops } from '../../dist/core/models/self-check.js';

const { values: options } = parseArgs({
  options: {
    'data-dir': { type: 'string', default: '.symface' },
    rounds: { type: 'string', default: '5' },
    faces: { type: 'string', default: '40' },
    reference: { type: 'string', default: 'dlib-resnet' },
  },
});
const stored = (await new ModelFiles(options['data-dir']).list()).filter(
  ({ version }) => version.manifest.kind === 'backbone',
);
const models = [];
for (const model of stored) {
  const { alignment } = /** @type {import('../../dist/core/models/manifest.js').BackboneManifest} */ (
    model.version.manifest
  );
  models.push({
    name: model.version.manifest.displayName,
    embedder: await OnnxFaceEmbedder.load(model, { intraOpThreads: 1 }),
    crops: noiseCrops(alignment.width, alignment.height, 7, 1),
    medians: [],
  });
}
for (let round = 0; round < Number(options.rounds); round++)
  for (const model of models) model.medians.push(await medianMs(model));
const compared = models.find(({ name }) => name === options.reference);
if (compared === undefined) throw new Error(`${options['data-dir']} has no backbone ${options.reference}`);
const reference = Math.min(...compared.medians);
console.log(
  `One thread of ${availableParallelism()} cores, ${options.rounds} rounds of ${options.faces} faces.`,
);
console.log('model                          ms/face  range over rounds   speed');
for (const { name, medians } of models) {
  const [least, most] = [Math.min(...medians), Math.max(...medians)];
  const range = `${least.toFixed(2)} to ${most.toFixed(2)}`;
  console.log(
    `${name.padEnd(30)} ${least.toFixed(2).padStart(7)}  ${range.padEnd(18)}  ${(reference / least).toFixed(2)}x`,
  );
}
for (const { embedder } of models) await embedder.release();

async function medianMs({ embedder, crops }) {
  await embedder.embed(crops);
  const times = [];
  for (let face = 0; face < Number(options.faces); face++) {
    const startedAt = performance.now();
    await embedder.embed(crops);
    times.push(performance.now() - startedAt);
  }
  return times.sort((a, b) => a - b)[Math.floor(times.length / 2)];
}
