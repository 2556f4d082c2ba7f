/**
 * How well two networks' embeddings can be compared with each other: verification on the identities that a configuration
 * of `symface train` holds out, with both faces of a pair embedded by the file that was fine-tuned (old), both by what
 * came of it (new), or one by each. For docs/retraining.md, after two trainings from one file:
 *
 *   npm run build && node bench/accuracy/cross-model.mjs --config without.yaml --new runs/without --new runs/with
 *     [--pairs 4000] [--threads 1]
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { OnnxFaceEmbedder } from '../../dist/inference/embed/onnx-face-embedder.js';
import { OnnxSession } from '../../dist/inference/runtime/onnx-session.js';
import { configuredData } from '../../dist/training/configuration/configured-data.js';
import { loadHeldOut } from '../../dist/training/evaluation/evaluation-set.js';
import { withListedIdentities } from '../../dist/training/overlap/identity-list-file.js';
import { readTrainingConfiguration } from '../../dist/training/configuration/training-configuration.js';
import { openHeldOutFaces } from '../../dist/training/data/held-out-faces.js';
import { openTrainingData } from '../../dist/training/data/open-training-data.js';
import { kFoldAccuracy } from '../../dist/core/protocols/metrics/k-fold-accuracy.js';
import {
  equalErrorRate,
  operatingPoints,
  rankPairs,
} from '../../dist/core/protocols/metrics/operating-points.js';
import { arcFaceTemplate } from '../../dist/core/faces/alignment-template.js';
import { arcFacePreset } from '../../dist/core/models/presets.js';
import { cosineSimilarity, l2Normalise } from '../../dist/core/verification/similarity.js';

const { values: options } = parseArgs({
  options: {
    config: { type: 'string' },
    new: { type: 'string', multiple: true, default: [] },
    pairs: { type: 'string', default: '4000' },
    threads: { type: 'string', default: '1' },
  },
});
if (options.config === undefined || options.new.length === 0) {
  console.error('Give the configuration with --config, and the folder of each run with --new.');
  process.exit(2);
}

const located = await withListedIdentities(await readTrainingConfiguration(options.config));
const { onnx, preprocessing } = located.configuration.backbone;
const alignment = preprocessing.alignment ?? arcFaceTemplate;
const set = await heldOutSet();
const images = set.faces.map(({ image }) => image);
const file = await readFile(located.pathOf(onnx));
const oldOnes = await embed(file, (dimension) =>
  arcFacePreset({ dimension, pixels: { layout: 'NCHW', ...preprocessing } }),
);
report('old, old', oldOnes, oldOnes);
for (const run of options.new) {
  const folder = join(run, 'model');
  const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
  const newOnes = await embed(await readFile(join(folder, manifest.graph.fileName)), () => manifest);
  report(`new, new: ${run}`, newOnes, newOnes);
  report(`old, new: ${run}`, oldOnes, newOnes);
  const turned = oldOnes.reduce((sum, old, face) => sum + cosineSimilarity(old, newOnes[face]), 0);
  console.log(`  mean similarity of a face's two embeddings: ${(turned / oldOnes.length).toFixed(3)}`);
}

async function heldOutSet() {
  const config = configuredData(located, alignment);
  const data = await openTrainingData(config);
  await data.close();
  const faces = await openHeldOutFaces(config, data.heldOutIdentities);
  return loadHeldOut(faces, Number(options.pairs), 1, alignment);
}

async function embed(graph, manifestOf) {
  const session = await OnnxSession.load(graph, { intraOpThreads: Number(options.threads) });
  const [probe] = await session.run({ data: new Float32Array(3 * 112 * 112), dimensions: [1, 3, 112, 112] });
  const embedder = new OnnxFaceEmbedder(session, manifestOf(probe.data.length));
  const embeddings = [];
  for (let start = 0; start < images.length; start += 32) {
    const some = await embedder.embed(images.slice(start, start + 32));
    embeddings.push(...some.map((embedding) => l2Normalise(embedding)));
  }
  await embedder.release();
  return embeddings;
}

function report(name, left, right) {
  const similarities = Float64Array.from(set.pairs, ({ first, second }) =>
    cosineSimilarity(left[first], right[second]),
  );
  const pairs = { similarities, genuine: set.pairs.map(({ genuine }) => genuine) };
  const { mean, standardDeviation } = kFoldAccuracy(pairs);
  const rate = equalErrorRate(operatingPoints(rankPairs(pairs)));
  const percent = (share) => (share * 100).toFixed(2);
  console.log(
    `${name}: accuracy ${percent(mean)} ± ${percent(standardDeviation)} %, EER ${percent(rate)} %, ${set.pairs.length} pairs`,
  );
}
