/**
 * How sure a face has to be: of pictures for development, how many are missed and how many of the faceless ones show a face, for
 * several least probabilities. After `npm run build`.
 *
 *   node bench/detectors/least-probability.mjs [--detector retinaface-symface] [--data-dir .symface] [--data ../shared/data] [--limit 200]
 *
 * CFP's profiles 001 to 200, camera pictures of persons who are trained on, and rendered pictures that the bench does not show: of
 * its kinds, and of ten others. Each picture is looked at once, with the lowest of the probabilities; its surest face counts.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Photograph } from '../../dist/inference/decode/photograph.js';
import { createFaceDetector } from '../../dist/inference/detect/create-face-detector.js';
import { facelessCount, facelessImage } from './faceless-images.mjs';
import { chosenDetectors } from './models.mjs';
import { otherFacelessImage } from './other-faceless-images.mjs';
import { evenly, loadPicture, photographSets } from './photograph-sets.mjs';

const leastProbabilities = [0.7, 0.72, 0.74, 0.76, 0.78, 0.8, 0.82];

const { values: options } = parseArgs({
  options: {
    detector: { type: 'string', default: 'retinaface-symface' },
    'data-dir': { type: 'string', default: '.symface' },
    data: { type: 'string', default: '../shared/data' },
    limit: { type: 'string', default: '200' },
  },
});
const limit = Number(options.limit);

const scratchFolder = await mkdtemp(join(tmpdir(), 'symface-bench-'));
try {
  const [{ stored }] = await chosenDetectors(options['data-dir'], [options.detector], scratchFolder);
  const detector = await createFaceDetector(lenient(stored), { intraOpThreads: 1 });
  console.log(`${stored.version.id}\n| pictures | of | ${leastProbabilities.join(' | ')} |`);
  console.log(`| --- | --: | ${leastProbabilities.map(() => '--:').join(' | ')} |`);
  for (const [name, images, counts] of await developmentSets()) {
    const surest = [];
    for (const image of images) surest.push(await surestProbability(detector, await image()));
    const cells = leastProbabilities.map((least) => surest.filter((one) => counts(one, least)).length);
    console.log(`| ${name} | ${images.length} | ${cells.join(' | ')} |`);
  }
} finally {
  await rm(scratchFolder, { recursive: true });
}

/** The detector as it would be with the lowest of the probabilities. */
/** @param {import('../../dist/storage/models/model-registry.js').RegisteredModel} model */
function lenient(model) {
  const manifest = { ...model.version.manifest, minimumProbability: Math.min(...leastProbabilities) };
  return { ...model, version: { ...model.version, manifest } };
}

async function developmentSets() {
  const sets = await photographSets(options.data);
  const pictures = (set) => evenly(sets[set] ?? [], limit).map((picture) => () => loadPicture(picture));
  const rendered = (image) => Array.from({ length: limit }, (_, index) => () => image(index));
  const isMissed = (probability, least) => probability < least;
  const isFound = (probability, least) => probability >= least;
  return [
    ['profiles, missed', pictures('CFP profile 001-200'), isMissed],
    ['camera, missed', pictures('camera, others'), isMissed],
    ["no face, the bench's kinds, found", rendered((index) => facelessImage(facelessCount + index)), isFound],
    ['no face, other kinds, found', rendered(otherFacelessImage), isFound],
  ];
}

async function surestProbability(detector, image) {
  const faces = await detector.detect(Photograph.ofImage(image));
  return Math.max(0, ...faces.map(({ probability }) => probability));
}
