/**
 * Makes a trained detector, and the network that looks at its faces from near, one detector that comes with SymFace: their weights in
 * half precision, and its manifest with a self-check of the rounded weights, in models/NAME (docs/models/). After `npm run build`.
 *
 *   node scripts/ship-detector.mjs RUN/model --close-up OTHER-RUN/model --name NAME --license TEXT [--minimum-probability 0.5]
 *     [--output FOLDER, else models/NAME]
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { readSafetensors, writeSafetensors } from '../dist/storage/weights/safetensors.js';
import { detectorAnswers } from '../dist/training/detector/detector-answers.js';
import { compileDetector } from '../dist/training/detector/detector-export.js';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    name: { type: 'string' },
    license: { type: 'string' },
    'close-up': { type: 'string' },
    output: { type: 'string' },
    'minimum-probability': { type: 'string' },
  },
});
const [model] = positionals;
const { name, license, 'close-up': closeUpModel } = options;
if ([model, closeUpModel, name, license].includes(undefined))
  throw new Error('name the folder of a trained detector, --close-up, --name and --license');

const trained = await json(join(model, 'manifest.json'));
const closeUp = await json(join(closeUpModel, 'origin.json'));
const probability = options['minimum-probability'];
const manifest = {
  ...trained,
  graphs: undefined,
  displayName: name,
  license,
  source: `${trained.source}; ${closeUp.source}`,
  closeUpTraining: closeUp.training,
  ...(probability && { minimumProbability: Number(probability) }),
};
const exact = new Map([...(await weightsIn(model)), ...(await weightsIn(closeUpModel))]);
const file = writeSafetensors(exact, { source: manifest.source, license }, 'F16');
const weights = readSafetensors(file);
const network = {
  width: shapeOf('merge1.convolution.filter').at(-1),
  stemChannels: shapeOf('stage1.stem.convolution.filter').at(-1),
};
const shipped = {
  weightsSha256: createHash('sha256').update(file).digest('hex'),
  network,
  selfCheck: (await detectorAnswers(compileDetector(network, weights))).map((value) =>
    Number(value.toPrecision(6)),
  ),
  manifest,
};
const folder = options.output ?? join('models', name);
await mkdir(folder, { recursive: true });
await writeFile(join(folder, 'weights.safetensors'), file);
await writeFile(join(folder, 'shipped.json'), `${JSON.stringify(shipped, null, 1)}\n`);
console.log(`${folder}: ${file.length} bytes, SHA-256 ${shipped.weightsSha256}`);

async function json(path) {
  return JSON.parse(await readFile(path, 'utf8'));
}

async function weightsIn(folder) {
  return readSafetensors(await readFile(join(folder, 'weights.safetensors')));
}

function shapeOf(array) {
  const found = weights.get(array);
  if (found === undefined) throw new Error(`${model} has no ${array}: it is no RetinaFace of ours`);
  return found.shape;
}
