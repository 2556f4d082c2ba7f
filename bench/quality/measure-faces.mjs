/**
 * Measures the faces of photographs and of worse copies of them (src/datasets/degradation), as the service does: a file of JSON lines
 * (face-rows.mjs), which the other programs here and scripts/train-face-quality.mjs read. After `npm run build`.
 *
 *   node bench/quality/measure-faces.mjs FOLDER --set NAME --output FILE.jsonl --kinds sharp,low22,mask [options]
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { uniformGenerator } from '../../dist/core/random/seeded-random.js';
import { degradations } from '../../dist/datasets/degradation/degradations.js';
import { seedOf } from '../../dist/datasets/degradation/random-numbers.js';
import { SharpImageDecoder } from '../../dist/inference/decode/sharp-image-decoder.js';
import { encodePng } from '../../dist/inference/decode/sharp-image-encoder.js';
import { loadFaceAnalyser } from './face-analyser.mjs';
import { createFaceWriter } from './face-rows.mjs';
import { layouts, photographsOf } from './photographs.mjs';

const usage = `node bench/quality/measure-faces.mjs FOLDER --set NAME --output FILE.jsonl [options]
  --layout NAME            ${Object.keys(layouts).join(' or ')} (folders)
  --kinds LIST             of ${Object.keys(degradations).join(',')} (sharp)
  --from NAME, --to NAME   the first and the last identity; default: all
  --identities N           at most so many identities
  --photographs N          at most so many of each identity, frontal ones of cfp
  --profiles N             at most so many profiles of each identity of cfp (4)
  --skip N                 leaves out the first N photographs of each identity (0)
  --least-photographs N    leaves out identities with fewer (1)
  --seed N                 of what is drawn (1)
  --crops                  keeps the aligned crops, to train on
  --data-dir FOLDER        the service's data folder (.symface)
  --detector NAME          display name or version id (retinaface-symface)
  --backbone NAME          display name or version id (mobilefacenet-symface)`;
const progressEvery = 50;
const decoder = new SharpImageDecoder();

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    set: { type: 'string' },
    output: { type: 'string' },
    layout: { type: 'string', default: 'folders' },
    kinds: { type: 'string', default: 'sharp' },
    from: { type: 'string', default: '' },
    to: { type: 'string', default: '\u{10ffff}' },
    identities: { type: 'string', default: 'Infinity' },
    photographs: { type: 'string', default: 'Infinity' },
    profiles: { type: 'string', default: '4' },
    skip: { type: 'string', default: '0' },
    'least-photographs': { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    crops: { type: 'boolean', default: false },
    'data-dir': { type: 'string', default: '.symface' },
    detector: { type: 'string', default: 'retinaface-symface' },
    backbone: { type: 'string', default: 'mobilefacenet-symface' },
    help: { type: 'boolean', default: false },
  },
});
const [folder] = positionals;
if (options.help) {
  console.log(usage);
  process.exit(0);
}
const kinds = options.kinds.split(',');
const unknown = kinds.filter((kind) => !(kind in degradations));
if (
  folder === undefined ||
  !options.set ||
  !options.output ||
  !(options.layout in layouts) ||
  unknown.length > 0
) {
  console.error(unknown.length > 0 ? `There is no kind ${unknown.join(', ')}.\n${usage}` : usage);
  process.exit(2);
}

const photographs = await photographsOf(folder, {
  layout: options.layout,
  from: options.from,
  to: options.to,
  identities: Number(options.identities),
  photographs: Number(options.photographs),
  profiles: Number(options.profiles),
  skip: Number(options.skip),
  leastPhotographs: Number(options['least-photographs']),
});
const { versions, analyse } = await loadFaceAnalyser(options['data-dir'], options);
const writer = createFaceWriter(options.output, options.crops);
const startedAtMs = performance.now();
for (const [index, photograph] of photographs.entries()) {
  await measure(photograph);
  if (index % progressEvery === 0) progress(index);
}
await writer.close();
progress(photographs.length);
console.log(JSON.stringify({ ...versions, photographs: photographs.length, ...writer.counts }));

/** The photograph, and a copy for each kind. Where no face is found in it, no copy is made. */
async function measure({ file, ...photograph }) {
  const encoded = await readFile(file);
  const original = await analyse(encoded, options.crops);
  const row = { set: options.set, ...photograph };
  if (original === undefined) {
    await writer.addMissed({ ...row, kind: 'none', parameters: {} });
    return;
  }
  const image = await decoder.decode(encoded);
  const { width, height } = original.box;
  const scene = { image, landmarks: original.landmarks, facePixels: Math.min(width, height) };
  for (const kind of kinds) {
    const uniform = uniformGenerator(seedOf(options.seed, photograph.image, kind));
    const { image: copy, ...truth } = await degradations[kind]({ ...scene, uniform });
    const face = kind === 'sharp' ? original : await analyse(await encodePng(copy), options.crops);
    await add({ ...row, kind, facePixels: scene.facePixels, ...truth }, face);
  }
}

async function add({ facePixels, detailPixels, hidden, parameters = {}, ...row }, face) {
  if (face === undefined) {
    await writer.addMissed({ ...row, parameters });
    return;
  }
  const { quality, rho, embedding, crops } = face;
  await writer.addFace({
    ...row,
    parameters,
    facePixels,
    ...(detailPixels !== undefined && { detailPixels }),
    hidden: hidden ?? { mouth: 0, nose: 0, eyes: 0 },
    quality,
    rho,
    appearance: quality.appearance,
    embedding,
    ...(crops && { crop: (await decoder.decode(crops.alignedPng)).pixels }),
  });
}

function progress(done) {
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(0);
  process.stderr.write(`${done} of ${photographs.length} photographs, ${seconds} s\n`);
}
