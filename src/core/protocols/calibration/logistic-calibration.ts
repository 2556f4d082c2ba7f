import type { ScoredPairs } from '../metrics/scored-pairs.js';

/** Match probability = 1 / (1 + exp(-(slope * similarity + offset))), where genuine and impostor are equally likely. */
export interface LogisticCalibration {
  readonly slope: number;
  readonly offset: number;
}

const maximumIterations = 200;
const tolerance = 1e-12;
const shortestStep = 1e-10;
/**
 * Keeps the slope finite where a threshold separates the pairs, and is felt nowhere else: similarities of some models
 * span a tenth of the scale, so that slopes of a hundred are right.
 */
const ridge = 1e-9;

/**
 * Fits the map from similarity to match probability by maximum likelihood (Newton's method, steps halved until the
 * likelihood grows), both classes weighted to one half, so that the share of genuine pairs in a data set, which is the
 * experimenter's choice, does not enter. The square of the slope is penalised by `ridge / 2`, as mean log-likelihood.
 * @throws RangeError where there is no genuine or no impostor pair
 */
export function fitLogistic(pairs: ScoredPairs): LogisticCalibration {
  const weights = classWeights(pairs);
  let fit: LogisticCalibration = { slope: 0, offset: 0 };
  let likelihood = penalisedLikelihood(pairs, weights, fit);
  for (let iteration = 0; iteration < maximumIterations; iteration++) {
    const step = newtonStep(pairs, weights, fit);
    let share = 1;
    let next = moved(fit, step, share);
    let nextLikelihood = penalisedLikelihood(pairs, weights, next);
    while (!(nextLikelihood >= likelihood) && share > shortestStep) {
      share /= 2;
      next = moved(fit, step, share);
      nextLikelihood = penalisedLikelihood(pairs, weights, next);
    }
    if (!(nextLikelihood >= likelihood)) break;
    const change = share * (Math.abs(step.slope) + Math.abs(step.offset));
    fit = next;
    likelihood = nextLikelihood;
    if (change < tolerance * (1 + Math.abs(fit.slope) + Math.abs(fit.offset))) break;
  }
  return fit;
}

/** The weights of a genuine and of an impostor pair; each kind has one half in all. */
interface ClassWeights {
  readonly genuine: number;
  readonly impostor: number;
}

function classWeights({ genuine }: ScoredPairs): ClassWeights {
  const genuineCount = genuine.filter(Boolean).length;
  const impostorCount = genuine.length - genuineCount;
  if (genuineCount === 0 || impostorCount === 0) {
    throw new RangeError('a calibration needs genuine and impostor pairs');
  }
  return { genuine: 0.5 / genuineCount, impostor: 0.5 / impostorCount };
}

function moved(fit: LogisticCalibration, step: LogisticCalibration, share: number): LogisticCalibration {
  return { slope: fit.slope + share * step.slope, offset: fit.offset + share * step.offset };
}

function penalisedLikelihood(
  { similarities, genuine }: ScoredPairs,
  weights: ClassWeights,
  { slope, offset }: LogisticCalibration,
): number {
  let sum = (-ridge / 2) * slope * slope;
  for (const [pair, isGenuine] of genuine.entries()) {
    const logit = slope * (similarities[pair] ?? Number.NaN) + offset;
    // log sigmoid(x) = min(x, 0) - log(1 + exp(-|x|)), which never overflows.
    const signed = isGenuine ? logit : -logit;
    const weight = isGenuine ? weights.genuine : weights.impostor;
    sum += weight * (Math.min(signed, 0) - Math.log1p(Math.exp(-Math.abs(signed))));
  }
  return sum;
}

function newtonStep(
  { similarities, genuine }: ScoredPairs,
  weights: ClassWeights,
  { slope, offset }: LogisticCalibration,
): LogisticCalibration {
  let [gradientSlope, gradientOffset] = [-ridge * slope, 0];
  let [curvatureSlope, curvatureBoth, curvatureOffset] = [ridge, 0, 0];
  for (const [pair, isGenuine] of genuine.entries()) {
    const similarity = similarities[pair] ?? Number.NaN;
    const weight = isGenuine ? weights.genuine : weights.impostor;
    const probability = 1 / (1 + Math.exp(-(slope * similarity + offset)));
    const residual = weight * (Number(isGenuine) - probability);
    const curvature = weight * probability * (1 - probability);
    gradientSlope += residual * similarity;
    gradientOffset += residual;
    curvatureSlope += curvature * similarity * similarity;
    curvatureBoth += curvature * similarity;
    curvatureOffset += curvature;
  }
  const determinant = curvatureSlope * curvatureOffset - curvatureBoth * curvatureBoth;
  return {
    slope: (curvatureOffset * gradientSlope - curvatureBoth * gradientOffset) / determinant,
    offset: (curvatureSlope * gradientOffset - curvatureBoth * gradientSlope) / determinant,
  };
}

export function matchProbability({ slope, offset }: LogisticCalibration, similarity: number): number {
  return 1 / (1 + Math.exp(-(slope * similarity + offset)));
}
