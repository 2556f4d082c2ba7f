/**
 * Measures how faces look in photographs that are as most are, for models/face-looks (docs/models/face-looks.md): the numbers say nothing of who
 * somebody is. After `npm run build` and `npm start` or `symface prepare`, which make the detector.
 *
 *   node scripts/measure-face-looks.mjs LAYOUT:FOLDER:FROM:TO:PHOTOGRAPHS … [--output models/face-looks] [--data-dir .symface]
 */
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadFaceAnalyser } from '../bench/quality/face-analyser.mjs';
import { layouts, photographsOf } from '../bench/quality/photographs.mjs';
import { SharpImageDecoder } from '../dist/inference/decode/sharp-image-decoder.js';
import { writeSafetensors } from '../dist/storage/weights/safetensors.js';
import { looksOf } from '../dist/training/choice/face-looks.js';

const usage = `node scripts/measure-face-looks.mjs SET … [options]
  SET              LAYOUT:FOLDER:FROM:TO:PHOTOGRAPHS; LAYOUT is ${Object.keys(layouts).join(' or ')}, FROM and TO are identities, of each of
                   whom so many PHOTOGRAPHS are taken (of cfp as many frontal ones and one profile)
  --output FOLDER     looks.safetensors and shipped.json (models/face-looks)
  --data-dir D     the service's data folder (.symface)`;
const { values: options, positionals: sets } = parseArgs({
  allowPositionals: true,
  options: {
    output: { type: 'string', default: 'models/face-looks' },
    'data-dir': { type: 'string', default: '.symface' },
    help: { type: 'boolean', default: false },
  },
});
if (options.help || sets.length === 0) {
  (options.help ? console.log : console.error)(usage);
  process.exit(options.help ? 0 : 2);
}
const models = { detector: 'retinaface-symface', backbone: 'mobilefacenet-symface' };
const { versions, analyse } = await loadFaceAnalyser(options['data-dir'], models);
const decoder = new SharpImageDecoder();
const crops = [];
for (const set of sets) {
  const [layout, folder, from, to, count] = set.split(':');
  const choice = { layout, from, to, identities: Infinity, leastPhotographs: 1, photographs: Number(count) };
  for (const { file } of await photographsOf(folder, { ...choice, profiles: 1, skip: 0 })) {
    const face = await analyse(await readFile(file), true);
    if (face?.crops !== undefined) crops.push(await decoder.decode(face.crops.alignedPng));
  }
  process.stderr.write(`${crops.length} faces\n`);
}
// Every other one is fitted to and the rest judged by (gated-embeddings.ts): sets and persons must be in both.
const looks = await looksOf(crops, 0);
const length = looks[0].length;
const values = new Float32Array(crops.length * length);
for (const [row, look] of looks.entries()) values.set(look, row * length);
const license = 'MIT; measured on research data, see docs/models/face-looks.md';
const file = writeSafetensors(
  new Map([['looks', { shape: [crops.length, length], values }]]),
  { license },
  'F16',
);
await mkdir(options.output, { recursive: true });
await writeFile(join(options.output, 'looks.safetensors'), file);
const description = {
  looksSha256: createHash('sha256').update(file).digest('hex'),
  faces: crops.length,
  detector: versions.detector,
  sets: sets.map((set) => set.replace(/:.*?([^/:]+):/u, ':$1:')),
  license,
};
await writeFile(join(options.output, 'shipped.json'), `${JSON.stringify(description, null, 2)}\n`);
