import type { ScoredPairs } from './scored-pairs.js';

/** Match probability = 1 / (1 + exp(-(slope * similarity + offset))), where genuine and impostor are equally likely. */
export interface LogisticCalibration {
  readonly slope: number;
  readonly offset: number;
}

const maximumIterations = 100;
const tolerance = 1e-12;
/** Keeps the slope finite where a threshold separates the pairs. */
const ridge = 1e-3;

/**
 * Fits the map from similarity to match probability by maximum likelihood (Newton's method), both classes weighted to
 * one half, so that the share of genuine pairs in a data set, which is the experimenter's choice, does not enter.
 * The square of the slope is penalised by `ridge / 2`, as mean log-likelihood.
 * @throws RangeError where there is no genuine or no impostor pair
 */
export function fitLogistic({ similarities, genuine }: ScoredPairs): LogisticCalibration {
  const genuineCount = genuine.filter(Boolean).length;
  const impostorCount = genuine.length - genuineCount;
  if (genuineCount === 0 || impostorCount === 0) {
    throw new RangeError('a calibration needs genuine and impostor pairs');
  }
  let slope = 0;
  let offset = 0;
  for (let iteration = 0; iteration < maximumIterations; iteration++) {
    let [gradientSlope, gradientOffset] = [-ridge * slope, 0];
    let [curvatureSlope, curvatureBoth, curvatureOffset] = [ridge, 0, 0];
    for (const [pair, isGenuine] of genuine.entries()) {
      const similarity = similarities[pair] ?? Number.NaN;
      const weight = 0.5 / (isGenuine ? genuineCount : impostorCount);
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
    const slopeStep = (curvatureOffset * gradientSlope - curvatureBoth * gradientOffset) / determinant;
    const offsetStep = (curvatureSlope * gradientOffset - curvatureBoth * gradientSlope) / determinant;
    slope += slopeStep;
    offset += offsetStep;
    if (Math.abs(slopeStep) + Math.abs(offsetStep) < tolerance * (1 + Math.abs(slope) + Math.abs(offset)))
      break;
  }
  return { slope, offset };
}

export function matchProbability({ slope, offset }: LogisticCalibration, similarity: number): number {
  return 1 / (1 + Math.exp(-(slope * similarity + offset)));
}
