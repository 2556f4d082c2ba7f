/** Trains the network on batches of faces and of pairs of strangers among them. */
import { uniformGenerator } from '../../dist/core/random/seeded-random.js';
import { drawn } from '../../dist/datasets/degradation/random-numbers.js';
import { dotProduct } from '../../bench/quality/face-rows.mjs';
import { addGradients, createAdam, forward, measures, randomWeights, zerosLike } from './network.mjs';

/** The output of 0 means so many pixels of detail, each output more twice as many. */
const referenceDetailPixels = 32;
const progressEvery = 200;

/**
 * @param sets lists of standardised faces (training-faces.mjs); faces are compared within their list
 * @param settings of scripts/train-face-quality.mjs
 * @returns the weights
 */
export function trainNetwork(sets, settings) {
  const count = sets.flat().length;
  const inputs = sets[0][0].descriptions[0].length;
  const weights = randomWeights({ inputs, ...settings, seed: settings.initialSeed });
  const descend = createAdam(weights, settings.weightDecay);
  const uniform = uniformGenerator(settings.batchSeed);
  const steps = Math.ceil((settings.epochs * count) / settings.batchSize);
  let losses = noLosses();
  for (let step = 1; step <= steps; step++) {
    const batch = drawBatch(sets, settings.batchSize, uniform).map((face) => {
      const input = face.descriptions[uniform() < 0.5 ? 0 : 1];
      const { hidden, outputs } = forward(weights, input);
      return { face, input, hidden, outputs, wanted: new Float32Array(outputs.length) };
    });
    addMeasureLosses(batch, settings.lossWeights, losses);
    addPairLoss(batch, settings, losses);
    const gradients = zerosLike(weights);
    gradients.outputBias[measures] = settings.firstAppearanceBiasGradient;
    for (const sample of batch) addGradients(gradients, weights, sample);
    const cosine = 0.5 + 0.5 * Math.cos((Math.PI * step) / steps);
    descend(gradients, settings.learningRate * cosine + settings.leastLearningRate);
    losses.steps++;
    if (step % progressEvery !== 0 && step !== steps) continue;
    process.stderr.write(`step ${step} of ${steps}: ${lossText(losses)}\n`);
    losses = noLosses();
  }
  return weights;
}

/** A set by its size; of half of the batches faces of two kinds alone, so that pairs of equal kinds are not rare. */
function drawBatch(sets, size, uniform) {
  const set = drawSet(sets, uniform);
  const isOfTwoKinds = uniform() < 0.5;
  const groups = isOfTwoKinds ? [drawn(uniform, set).group, drawn(uniform, set).group] : [];
  const pool = isOfTwoKinds ? set.filter(({ group }) => groups.includes(group)) : set;
  return Array.from({ length: size }, () => drawn(uniform, pool));
}

function drawSet(sets, uniform) {
  let rest = uniform() * sets.reduce((sum, { length }) => sum + length, 0);
  return sets.find(({ length }) => (rest -= length) < 0) ?? sets.at(-1);
}

/** Cross-entropy of occlusion and utility, squared error of the detail's logarithm. */
function addMeasureLosses(batch, lossWeights, losses) {
  const size = batch.length;
  for (const { face, outputs, wanted } of batch) {
    for (const [part, hidden] of face.hidden.entries())
      losses.occlusion +=
        crossEntropy(outputs, wanted, part, hidden, lossWeights.occlusion / size) / size / 3;
    if (face.detailPixels !== undefined) {
      const error = outputs[3] - Math.log2(face.detailPixels / referenceDetailPixels);
      wanted[3] += (lossWeights.detail * error) / size;
      losses.detail += error ** 2 / size;
    }
    if (face.accepted !== undefined)
      losses.utility += crossEntropy(outputs, wanted, 4, face.accepted, lossWeights.utility / size) / size;
  }
}

/** Adds the derivative of one output. @returns the loss, without its weight */
function crossEntropy(outputs, wanted, output, target, weight) {
  const probability = 1 / (1 + Math.exp(-outputs[output]));
  wanted[output] += weight * (probability - target);
  return -(target * Math.log(probability + 1e-9) + (1 - target) * Math.log(1 - probability + 1e-9));
}

/**
 * The product of two strangers' appearances is to be a high quantile of their similarity: the pinball loss (Koenker and Bassett,
 * 1978), rounded off near 0.
 */
function addPairLoss(batch, { pinballQuantile, pinballRounding, lossWeights }, losses) {
  const pairs = strangersOf(batch);
  for (const [a, b] of pairs) {
    const similarity = dotProduct(a.face.embedding, b.face.embedding);
    let expected = 0;
    for (let k = measures; k < a.outputs.length; k++) expected += a.outputs[k] * b.outputs[k];
    const error = expected - similarity;
    losses.pairs += error ** 2 / pairs.length;
    const slope = error < 0 ? -pinballQuantile : 1 - pinballQuantile;
    const weight =
      (lossWeights.pairs * slope * Math.min(1, Math.abs(error) / pinballRounding)) / pairs.length;
    for (let k = measures; k < a.outputs.length; k++) {
      a.wanted[k] += weight * b.outputs[k];
      b.wanted[k] += weight * a.outputs[k];
    }
  }
}

function strangersOf(batch) {
  return batch.flatMap((a, index) =>
    batch.slice(index + 1).flatMap((b) => (a.face.identity === b.face.identity ? [] : [[a, b]])),
  );
}

function noLosses() {
  return { steps: 0, occlusion: 0, detail: 0, utility: 0, pairs: 0 };
}

function lossText({ steps, occlusion, detail, utility, pairs }) {
  const text = (value) => (value / steps).toFixed(4);
  const rmse = Math.sqrt(pairs / steps).toFixed(4);
  return `occlusion ${text(occlusion)}, detail ${text(detail)}, utility ${text(utility)}, pairs' RMSE ${rmse}`;
}
