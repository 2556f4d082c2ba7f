/**
 * The similarity threshold that the default backbone's manifest records: all impostor pairs inside celeba299 and
 * inside cfp (frontal), pooled; pairs across the two sets are left out, since both show the same celebrities.
 *
 *   npm run build && node bench/detectors/calibrate.mjs [--data ../shared/data] [--identities 250] [--each 3]
 */
import { readFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { SharpImageDecoder } from '../../dist/inference/decode/sharp-image-decoder.js';
import { createFaceDetector } from '../../dist/inference/detect/create-face-detector.js';
import { alignCrop } from '../../dist/core/faces/aligned-crop.js';
import { defaultModels, loadEmbedder } from './default-models.mjs';
import { centralFace, imageSets } from './image-sets.mjs';
import { allPairs, shareAtOrAbove, thresholdAt } from './verification.mjs';

const { values: options } = parseArgs({
  options: {
    data: { type: 'string', default: '../shared/data' },
    identities: { type: 'string', default: '250' },
    each: { type: 'string', default: '3' },
  },
});
const { backbone, detector } = await defaultModels();
const decoder = new SharpImageDecoder();
const faceDetector = await createFaceDetector(detector, { intraOpThreads: 1 });
const sets = await imageSets(options.data, Number(options.identities), Number(options.each));
delete sets['cfp profile'];

const { alignment } = backbone.version.manifest;
const crops = Object.fromEntries(
  await Promise.all(
    Object.entries(sets).map(async ([set, photographs]) => [set, await alignAll(photographs)]),
  ),
);

for (const augmentation of ['none', 'horizontal-flip']) {
  const embedder = await loadEmbedder(backbone, augmentation);
  const pooled = { genuine: [], impostor: [] };
  for (const [set, aligned] of Object.entries(crops)) {
    const faces = [];
    for (const { identity, crop } of aligned)
      faces.push({ identity, embedding: (await embedder.embed([crop]))[0] });
    const pairs = allPairs(faces);
    for (const kind of ['genuine', 'impostor'])
      for (const similarity of pairs[kind]) pooled[kind].push(similarity);
    report(`${augmentation}, ${set}`, pairs);
  }
  report(`${augmentation}, pooled`, {
    genuine: Float64Array.from(pooled.genuine).sort(),
    impostor: Float64Array.from(pooled.impostor).sort(),
  });
}

async function alignAll(photographs) {
  const aligned = [];
  for (const { path, identity } of photographs) {
    const image = await decoder.decode(await readFile(path));
    const face = centralFace(image, await faceDetector.detect(image));
    if (face !== undefined) aligned.push({ identity, crop: alignCrop(image, face.landmarks, alignment) });
  }
  return aligned;
}

function report(name, { genuine, impostor }) {
  const rates = [1e-2, 1e-3, 1e-4].map((rate) => {
    const threshold = thresholdAt(impostor, rate);
    const accepted = (100 * shareAtOrAbove(genuine, threshold)).toFixed(2);
    return `FMR ${rate}: threshold ${threshold.toFixed(4)}, genuine accepted ${accepted} %`;
  });
  console.log(
    `${name}: ${genuine.length} genuine and ${impostor.length} impostor pairs; ${rates.join('; ')}`,
  );
}
