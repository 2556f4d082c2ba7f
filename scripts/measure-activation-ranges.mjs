/**
 * Measures what a registered backbone's activations are on faces, for serving it in 8 bits without faces at hand
 * (models/NAME/activation-ranges.json). After `npm run build`.
 *
 *   node scripts/measure-activation-ranges.mjs .symface/models/ID FACES [--tags FILE] [--faces 512] [--exclude LIST.yaml] > ranges.json
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { parse } from 'yaml';

import { quantiseBackbone } from '../dist/inference/quantise/quantise-backbone.js';
import { calibrationFaces } from '../dist/training/quantisation/range-batches.js';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    tags: { type: 'string' },
    faces: { type: 'string', default: '512' },
    exclude: { type: 'string' },
  },
});
const [model, faces] = positionals;
if (model === undefined || faces === undefined)
  throw new Error('name the folder of a model and one of tagged faces');
const { manifest } = JSON.parse(await readFile(join(model, 'version.json'), 'utf8'));
const graph = await readFile(join(model, manifest.graph.fileName));
const exclude = options.exclude === undefined ? [] : parse(await readFile(options.exclude, 'utf8'));
const data = {
  location: { format: /** @type {const} */ ('identity-folder'), path: faces, subfolder: '' },
  imageKind: /** @type {const} */ ('photograph'),
  ...(options.tags === undefined ? {} : { tagsPath: options.tags }),
  identities: { exclude },
  faceCount: Number(options.faces),
};
const { ranges } = await quantiseBackbone(graph, manifest, calibrationFaces(data, manifest));
const rounded = [...ranges].map(([name, { minimum, maximum }]) => [
  name,
  [minimum, maximum].map(Math.fround),
]);
console.log(JSON.stringify(Object.fromEntries(rounded), null, 1));
