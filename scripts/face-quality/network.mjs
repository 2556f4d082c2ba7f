/** A network of one hidden layer, its gradients, and Adam: the trainable twin of src/core/faces/quality/face-quality-network.ts. */
import { standardNormal, uniformGenerator } from '../../dist/core/random/seeded-random.js';

/** Outputs before the appearance: mouth, nose, eyes, detail, utility. */
export const measures = 5;

/**
 * Random weights; the first number of the appearance begins at 0.5, so that all pairs are somewhat alike at first.
 * @returns `{ hiddenWeights [inputs, hidden], hiddenBias, outputWeights [hidden, outputs], outputBias }`
 */
export function randomWeights({ inputs, hidden, appearance, seed }) {
  const uniform = uniformGenerator(seed);
  const outputs = measures + appearance;
  const normal = (length, scale) => Float32Array.from({ length }, () => scale * standardNormal(uniform));
  return {
    hiddenWeights: normal(inputs * hidden, Math.sqrt(2 / inputs)),
    hiddenBias: new Float32Array(hidden),
    outputWeights: normal(hidden * outputs, 0.5 / Math.sqrt(hidden)),
    outputBias: Float32Array.from({ length: outputs }, (_, output) => (output === measures ? 0.5 : 0)),
  };
}

/** @param input a standardised description @returns `{ hidden, outputs }`, both layers' values */
export function forward({ hiddenWeights, hiddenBias, outputWeights, outputBias }, input) {
  const hidden = Float32Array.from(hiddenBias);
  for (let i = 0, place = 0; i < input.length; i++) {
    const value = input[i];
    for (let unit = 0; unit < hidden.length; unit++, place++) hidden[unit] += value * hiddenWeights[place];
  }
  const outputs = Float32Array.from(outputBias);
  for (let unit = 0; unit < hidden.length; unit++) {
    if (hidden[unit] <= 0) {
      hidden[unit] = 0;
      continue;
    }
    const start = unit * outputs.length;
    for (let k = 0; k < outputs.length; k++) outputs[k] += hidden[unit] * outputWeights[start + k];
  }
  return { hidden, outputs };
}

/** Adds what one face's outputs ask for to the gradients. @param wanted the loss's derivative by each output */
export function addGradients(gradients, { outputWeights }, { input, hidden, wanted }) {
  const { hiddenWeights, hiddenBias, outputBias } = gradients;
  const atHidden = new Float32Array(hidden.length);
  for (let k = 0; k < wanted.length; k++) outputBias[k] += wanted[k];
  for (let unit = 0; unit < hidden.length; unit++) {
    if (hidden[unit] <= 0) continue;
    const start = unit * wanted.length;
    for (let k = 0; k < wanted.length; k++) {
      gradients.outputWeights[start + k] += hidden[unit] * wanted[k];
      atHidden[unit] += outputWeights[start + k] * wanted[k];
    }
    hiddenBias[unit] += atHidden[unit];
  }
  for (let i = 0, place = 0; i < input.length; i++) {
    const value = input[i];
    for (let unit = 0; unit < hidden.length; unit++, place++) hiddenWeights[place] += value * atHidden[unit];
  }
}

/** Arrays of zeros in the form of the weights. */
export function zerosLike(weights) {
  return Object.fromEntries(
    Object.entries(weights).map(([name, values]) => [name, new Float32Array(values.length)]),
  );
}

/**
 * Adam with decoupled weight decay (Loshchilov and Hutter, 2019), of matrices alone.
 * @returns (gradients, learningRate) => void; changes the weights
 */
export function createAdam(weights, weightDecay) {
  const [first, second] = [zerosLike(weights), zerosLike(weights)];
  let step = 0;
  return (gradients, learningRate) => {
    step++;
    const [firstScale, secondScale] = [1 - 0.9 ** step, 1 - 0.999 ** step];
    for (const [name, values] of Object.entries(weights)) {
      const [m, v, gradient] = [first[name], second[name], gradients[name]];
      const decay = name.endsWith('Weights') ? weightDecay : 0;
      for (let i = 0; i < values.length; i++) {
        m[i] = 0.9 * m[i] + 0.1 * gradient[i];
        v[i] = 0.999 * v[i] + 0.001 * gradient[i] * gradient[i];
        const direction = m[i] / firstScale / (Math.sqrt(v[i] / secondScale) + 1e-8);
        values[i] -= learningRate * (direction + decay * values[i]);
      }
    }
  };
}
