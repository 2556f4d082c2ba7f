/**
 * Judges measured faces once more by the quality network that is in models/face-quality now, without looking at the photographs again: for
 * a network that was trained anew. After `npm run build`; the faces were measured with --crops.
 *
 *   node bench/quality/assess-again.mjs FACES.jsonl --output FILE.jsonl [--data-dir .symface]
 */
import { parseArgs } from 'node:util';
import { utilityOf } from '../../dist/core/faces/quality/face-utility.js';
import { loadFaceQualityNetwork } from '../../dist/inference/analyser/load-face-quality-network.js';
import { modelNamed } from './face-analyser.mjs';
import { createFaceWriter, openCrops, readFaces, readMissed } from './face-rows.mjs';

const usage = `node bench/quality/assess-again.mjs FACES.jsonl --output FILE.jsonl [options]
  --data-dir FOLDER   the service's data folder, whose backbone says how long its embeddings are (.symface)
  --backbone NAME     display name or version id (mobilefacenet-symface)`;

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    output: { type: 'string' },
    'data-dir': { type: 'string', default: '.symface' },
    backbone: { type: 'string', default: 'mobilefacenet-symface' },
    help: { type: 'boolean', default: false },
  },
});
const [file] = positionals;
if (options.help || file === undefined || options.output === undefined || options.output === file) {
  (options.help ? console.log : console.error)(usage);
  process.exit(options.help ? 0 : 2);
}

const { version } = await modelNamed(options['data-dir'], 'backbone', options.backbone);
const { typicalNorm } = /** @type {import('../../dist/core/models/manifest.js').BackboneManifest} */ (
  version.manifest
).embedding;
const network = await loadFaceQualityNetwork();
const faces = await readFaces(file);
const crops = await openCrops(file);
const writer = createFaceWriter(options.output, false);
for (const { crop, quality, ...face } of faces) {
  const assessment = network.assess(await crops.read(crop));
  const utility = utilityOf({
    cropUtility: assessment.utility,
    probability: quality.detectionProbability,
    landmarkUncertainty: quality.landmarkUncertainty,
    embeddingNorm: quality.embeddingNorm,
    typicalNorm,
  });
  const anew = { ...quality, ...assessment, utility };
  await writer.addFace({ ...face, quality: anew, appearance: anew.appearance });
}
for (const row of await readMissed(file)) await writer.addMissed(row);
await Promise.all([crops.close(), writer.close()]);
console.log(JSON.stringify({ backbone: version.id, ...writer.counts }));
