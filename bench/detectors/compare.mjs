/**
 * Compares the detectors of a data folder, shipped and imported, against RetinaFace as the reference: faces missed, faces
 * that RetinaFace does not see, distance of the landmarks, verification with the shipped backbone on crops aligned by
 * them, and speed on one thread. LFW takes no part.
 *
 *   npm run build && node bench/detectors/compare.mjs --data FOLDER --retinaface FILE.onnx [--data-dir .symface]
 *     [--identities 50] [--each 5]
 *
 * The folder of data holds `celeba299`, `cfp` and `photos`.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { SharpImageDecoder } from '../../dist/inference/decode/sharp-image-decoder.js';
import { alignCrop, alignmentTransform } from '../../dist/core/faces/aligned-crop.js';
import { arcFaceTemplate } from '../../dist/core/faces/alignment-template.js';
import { landmarkPoints } from '../../dist/core/faces/landmarks.js';
import { intersectionOverUnion } from '../../dist/core/faces/non-maximum-suppression.js';
import { applyTransform } from '../../dist/core/faces/similarity-transform.js';
import { facelessImages } from './faceless-images.mjs';
import { centralFace, imageSets } from './image-sets.mjs';
import { loadModels, loadRetinaFace } from './models.mjs';
import { allPairs, shareAtOrAbove, thresholdAt } from './verification.mjs';

const { values: options } = parseArgs({
  options: {
    data: { type: 'string' },
    retinaface: { type: 'string' },
    'data-dir': { type: 'string', default: '.symface' },
    identities: { type: 'string', default: '50' },
    each: { type: 'string', default: '5' },
  },
});
if (options.data === undefined || options.retinaface === undefined) {
  console.error('Give the folder of the data sets with --data and the reference with --retinaface.');
  process.exit(2);
}
const { detectors: registered, embedder } = await loadModels(options['data-dir']);
const decoder = new SharpImageDecoder();
const retinaFace = await loadRetinaFace(options.retinaface);
const detectors = { 'RetinaFace (reference)': retinaFace, ...registered };
const sets = await imageSets(options.data, Number(options.identities), Number(options.each));

for (const [set, photographs] of Object.entries(sets)) {
  const samples = await withReference(photographs);
  console.log(`\n${set}: ${samples.length} photographs with a face`);
  for (const [name, candidate] of Object.entries(detectors))
    console.log(await assess(name, candidate, samples));
}

const faceless = await facelessImages();
console.log(`\nfaces found in ${faceless.length} images without one:`);
for (const [name, candidate] of Object.entries(detectors)) {
  let found = 0;
  for (const image of faceless) found += (await candidate.detect(image)).length;
  console.log(`| ${name} | ${found} |`);
}

console.log('\nfaces found in whole photographs:');
const folder = join(options.data, 'photos');
for (const file of (await readdir(folder)).sort()) {
  const image = await decoder.decode(await readFile(join(folder, file)));
  const counts = [];
  for (const candidate of Object.values(detectors)) counts.push((await candidate.detect(image)).length);
  console.log(`| ${file} | ${image.width}x${image.height} | ${counts.join(' | ')} |`);
}

async function withReference(photographs) {
  const samples = [];
  for (const { path, identity } of photographs) {
    const image = await decoder.decode(await readFile(path));
    const seen = await retinaFace.detect(image);
    const reference = centralFace(image, seen);
    if (reference !== undefined) samples.push({ image, identity, reference, seen });
  }
  return samples;
}

/** One row of the table. */
async function assess(name, candidate, samples) {
  let missed = 0;
  let unseen = 0;
  let milliseconds = 0;
  const faces = [];
  const deviations = [];
  const noseOffsets = [];
  for (const { image, identity, reference, seen } of samples) {
    const startedAtMs = performance.now();
    const found = await candidate.detect(image);
    milliseconds += performance.now() - startedAtMs;
    unseen += found.filter(
      ({ box }) => !seen.some((other) => intersectionOverUnion(box, other.box) > 0.2),
    ).length;
    const same = found.find(({ box }) => intersectionOverUnion(box, reference.box) > 0.2);
    if (same === undefined) {
      missed++;
      continue;
    }
    const differences = differencesInCrop(same.landmarks, reference.landmarks);
    deviations.push(...differences.map(({ x, y }) => Math.hypot(x, y)));
    noseOffsets.push(differences[2].x);
    const [embedding] = await embedder.embed([alignCrop(image, same.landmarks, embedder.alignment)]);
    faces.push({ identity, embedding });
  }
  const { genuine, impostor } = allPairs(faces);
  const tar = (rate) => (100 * shareAtOrAbove(genuine, thresholdAt(impostor, rate))).toFixed(1);
  const columns = [
    `${missed} (${((100 * missed) / samples.length).toFixed(1)} %)`,
    unseen,
    mean(deviations).toFixed(2),
    mean(noseOffsets).toFixed(2),
    tar(1e-2),
    tar(1e-3),
    (milliseconds / samples.length).toFixed(0),
  ];
  return `| ${name} | ${columns.join(' | ')} |`;
}

/** The five differences in pixels of the 112x112 crop that the reference's landmarks give. */
function differencesInCrop(landmarks, reference) {
  const toCrop = alignmentTransform(reference, arcFaceTemplate);
  const expected = landmarkPoints(reference).map((point) => applyTransform(toCrop, point));
  return landmarkPoints(landmarks).map((point, index) => {
    const { x, y } = applyTransform(toCrop, point);
    return { x: x - expected[index].x, y: y - expected[index].y };
  });
}

function mean(values) {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
