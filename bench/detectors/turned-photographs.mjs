/**
 * Photographs of one face that lie on their side or head without EXIF: how many are found the right way up, the wrong way up, and
 * not at all. After `npm run build`.
 *
 *   node bench/detectors/turned-photographs.mjs [--detector retinaface-symface] [--data-dir .symface] [--data ../shared/data] [--limit 100]
 *
 * Of CFP 101 to 200, among which the thresholds of the looks were chosen, one frontal and one profile photograph each.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { rollRadians } from '../../dist/core/faces/moved-face.js';
import { SharpImageDecoder } from '../../dist/inference/decode/sharp-image-decoder.js';
import { createFaceDetector } from '../../dist/inference/detect/create-face-detector.js';
import { chosenDetectors } from './models.mjs';
import { evenly, identitiesOf } from './photograph-sets.mjs';

/** A roll that is off by less is that of the face itself. */
const mostOffDegrees = 50;

const { values: options } = parseArgs({
  options: {
    detector: { type: 'string', default: 'retinaface-symface' },
    'data-dir': { type: 'string', default: '.symface' },
    data: { type: 'string', default: '../shared/data' },
    limit: { type: 'string', default: '100' },
  },
});

const decoder = new SharpImageDecoder();
const scratchFolder = await mkdtemp(join(tmpdir(), 'symface-bench-'));
try {
  const [{ stored }] = await chosenDetectors(options['data-dir'], [options.detector], scratchFolder);
  const detector = await createFaceDetector(stored, { intraOpThreads: 1 });
  console.log(`${stored.version.id}\n| view | turned by | right way up | wrong way up | not found |`);
  console.log('| --- | --: | --: | --: | --: |');
  for (const view of ['frontal', 'profile']) {
    const files = await photographsOf(view);
    for (const degrees of [0, 180, 90, 270]) {
      const counts = { right: 0, wrong: 0, none: 0 };
      for (const file of files) counts[await verdictOf(detector, file, degrees)]++;
      console.log(`| ${view} | ${degrees} | ${counts.right} | ${counts.wrong} | ${counts.none} |`);
    }
  }
} finally {
  await rm(scratchFolder, { recursive: true });
}

async function photographsOf(view) {
  const identities = await identitiesOf(join(options.data, 'cfp'), view);
  const chosen = identities.filter(({ identity }) => Number(identity) > 100 && Number(identity) <= 200);
  return evenly(
    chosen.map(({ files: [first] }) => first),
    Number(options.limit),
  );
}

async function verdictOf(detector, file, degrees) {
  const turned = await sharp(await readFile(file))
    .rotate(degrees)
    .jpeg({ quality: 95 })
    .toBuffer();
  const [face] = await detector.detect(await decoder.open(turned));
  if (face === undefined) return 'none';
  const offDegrees = (rollRadians(face.landmarks) * 180) / Math.PI - degrees;
  const wrapped = Math.abs(((((offDegrees + 180) % 360) + 360) % 360) - 180);
  return wrapped < mostOffDegrees ? 'right' : 'wrong';
}
