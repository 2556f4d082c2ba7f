/**
 * Trains the network of models/face-quality (docs/models/face-quality.md), writes it, and prints the coefficients of
 * src/core/faces/quality/face-utility.ts. After `npm run build`; the faces are those that bench/quality/measure-faces.mjs wrote.
 *
 *   node scripts/train-face-quality.mjs FACES.jsonl … --held-out OTHERS.jsonl [--output models/face-quality] [--epochs N]
 */
import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeSafetensors } from '../dist/storage/weights/safetensors.js';
import { composeUtility } from './face-quality/compose-utility.mjs';
import { forward } from './face-quality/network.mjs';
import { trainNetwork } from './face-quality/train-network.mjs';
import { descriptionStatistics, readTrainingFaces, standardise } from './face-quality/training-faces.mjs';

/** What the network that is shipped was trained with. */
const settings = {
  hidden: 48,
  /** Numbers of the appearance. */
  appearance: 8,
  batchSize: 384,
  epochs: 22,
  /** Falls along half a cosine. */
  learningRate: 0.002,
  leastLearningRate: 1e-5,
  weightDecay: 0.1,
  lossWeights: { occlusion: 1, detail: 0.5, utility: 1, pairs: 60 },
  pinballQuantile: 0.997,
  /** Cosine similarity within which the pinball loss is rounded off. */
  pinballRounding: 0.02,
  /** Added to the gradient of the bias of the appearance's first number in every step: a pull that the shipped weights were trained with. */
  firstAppearanceBiasGradient: 0.5,
  initialSeed: 1,
  batchSeed: 7,
  /** Of the default backbone: cosine similarity at a false match rate of 1e-3, and `embedding.typicalNorm` of its manifest. */
  threshold: 0.3848,
  typicalNorm: { mean: 7.42, standardDeviation: 0.95 },
};
const license = 'MIT; trained on research data, see its model card';
const usage = `node scripts/train-face-quality.mjs FACES.jsonl … --held-out OTHERS.jsonl [options]
  FACES.jsonl    of bench/quality/measure-faces.mjs --crops; strangers are compared within a file
  --held-out F   of persons that are not in the others: the scale of the utility is found on them
  --output FOLDER   shipped.json and weights.safetensors (models/face-quality)
  --epochs N     fewer for a trial (${settings.epochs})`;

const { values: options, positionals: files } = parseArgs({
  allowPositionals: true,
  options: {
    'held-out': { type: 'string' },
    output: { type: 'string', default: 'models/face-quality' },
    epochs: { type: 'string', default: String(settings.epochs) },
    help: { type: 'boolean', default: false },
  },
});
if (options.help || files.length === 0 || options['held-out'] === undefined) {
  (options.help ? console.log : console.error)(usage);
  process.exit(options.help ? 0 : 2);
}

const sets = await readTrainingFaces(files, settings.threshold);
const faces = sets.flat();
const statistics = descriptionStatistics(faces);
standardise(faces, statistics);
const weights = trainNetwork(sets, { ...settings, epochs: Number(options.epochs) });
await ship(weights, statistics, options.output);
const heldOut = (await readTrainingFaces([options['held-out']], settings.threshold)).flat();
standardise(heldOut, statistics);
const judged = heldOut.map((face) => {
  const { outputs } = forward(weights, face.descriptions[0]);
  return { ...face, cropLogit: outputs[4] };
});
console.log(
  JSON.stringify(
    {
      faces: faces.length,
      sharpFrontNorm: normStatistics(faces),
      coefficients: composeUtility(judged, settings.typicalNorm),
    },
    null,
    2,
  ),
);

/** In half precision, the descriptions' mean and spread as part of the first layer. */
async function ship({ hiddenWeights, hiddenBias, outputWeights, outputBias }, { mean, deviation }, folder) {
  const [hidden, outputs] = [hiddenBias.length, outputBias.length];
  const folded = hiddenWeights.map((weight, place) => weight / deviation[Math.floor(place / hidden)]);
  const bias = hiddenBias.map((value, unit) =>
    mean.reduce((sum, average, input) => sum - average * folded[input * hidden + unit], value),
  );
  const file = writeSafetensors(
    new Map([
      ['hidden.weights', { shape: [mean.length, hidden], values: folded }],
      ['hidden.bias', { shape: [hidden], values: bias }],
      ['output.weights', { shape: [hidden, outputs], values: outputWeights }],
      ['output.bias', { shape: [outputs], values: outputBias }],
    ]),
    {},
    'F16',
  );
  const weightsSha256 = createHash('sha256').update(file).digest('hex');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'weights.safetensors'), file);
  await writeFile(join(folder, 'shipped.json'), `${JSON.stringify({ weightsSha256, license }, null, 1)}\n`);
  process.stderr.write(`${folder}: ${file.length} bytes, SHA-256 ${weightsSha256}\n`);
}

/** Of sharp faces that look into the camera: for the backbone's manifest, `embedding.typicalNorm`. */
function normStatistics(all) {
  const norms = all.filter(({ isSharpFront }) => isSharpFront).map(({ quality }) => quality.embeddingNorm);
  const mean = norms.reduce((sum, norm) => sum + norm, 0) / norms.length;
  const variance = norms.reduce((sum, norm) => sum + (norm - mean) ** 2, 0) / norms.length;
  return { mean: Number(mean.toFixed(3)), standardDeviation: Number(Math.sqrt(variance).toFixed(3)) };
}
