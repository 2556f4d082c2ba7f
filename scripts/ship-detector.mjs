/**
 * Makes a trained detector one that comes with SymFace: its weights in half precision, and its manifest with a self-check of
 * the rounded weights, in models/NAME (docs/models/). After `npm run build`.
 *
 *   node scripts/ship-detector.mjs RUN/model --name NAME --license TEXT [--minimum-probability 0.5]
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { readSafetensors, writeSafetensors } from '../dist/storage/weights/safetensors.js';
import { detectorAnswers } from '../dist/training/detector/detector-answers.js';
import { compileDetector, DETECTOR_GRAPHS } from '../dist/training/detector/detector-export.js';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    name: { type: 'string' },
    license: { type: 'string' },
    'minimum-probability': { type: 'string' },
  },
});
const [model] = positionals;
const { name, license } = options;
if (model === undefined || name === undefined || license === undefined)
  throw new Error('name the folder of a trained detector, --name and --license');

const { graphs: _, ...trained } = JSON.parse(await readFile(join(model, 'manifest.json'), 'utf8'));
const probability = options['minimum-probability'];
const manifest = {
  ...trained,
  displayName: name,
  license,
  ...(probability && { minimumProbability: Number(probability) }),
};
const exact = readSafetensors(await readFile(join(model, 'weights.safetensors')));
const file = writeSafetensors(exact, { source: trained.source, license }, 'F16');
const weights = readSafetensors(file);
const network = {
  width: shapeOf('merge1.convolution.filter').at(-1),
  stemChannels: shapeOf('stage1.stem.convolution.filter').at(-1),
};
const { files } = compileDetector(network, weights);
const shipped = {
  weightsSha256: createHash('sha256').update(file).digest('hex'),
  network,
  selfCheck: (await detectorAnswers(files.get(DETECTOR_GRAPHS.closeUp.fileName))).map((value) =>
    Number(value.toPrecision(6)),
  ),
  manifest,
};
const folder = join('models', name);
await mkdir(folder, { recursive: true });
await writeFile(join(folder, 'weights.safetensors'), file);
await writeFile(join(folder, 'shipped.json'), `${JSON.stringify(shipped, null, 1)}\n`);
console.log(`${folder}: ${file.length} bytes, SHA-256 ${shipped.weightsSha256}`);

function shapeOf(array) {
  const found = weights.get(array);
  if (found === undefined) throw new Error(`${model} has no ${array}: it is no RetinaFace of ours`);
  return found.shape;
}
