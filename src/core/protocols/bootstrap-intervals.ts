import {
  type ConfidenceInterval,
  identityBootstrap,
  percentileInterval,
} from './metrics/identity-bootstrap.js';
import {
  equalErrorRate,
  operatingPoints,
  pointAtFalseMatchRate,
  rankPairs,
} from './metrics/operating-points.js';
import type { ScoredProtocol } from './scored-protocol.js';

/** The settings of every benchmark's bootstrap, so that reports of the same data are the same. */
export const bootstrapSettings = { replicates: 500, seed: 20_240_916 } as const;

/** 95 % intervals; one an asked-for rate. */
export interface ReportIntervals {
  readonly equalErrorRate: ConfidenceInterval;
  readonly trueAcceptRates: readonly ConfidenceInterval[];
  readonly similarityThresholds: readonly ConfidenceInterval[];
}

/** In a sample in which no threshold keeps the rate, only a similarity above all others would: it counts as this. */
const highestSimilarity = 1;

/** The intervals of a report by the bootstrap over persons; undefined where the data set names none. */
export function bootstrapIntervals(
  protocol: ScoredProtocol,
  rates: readonly number[],
): ReportIntervals | undefined {
  const { identities, genuine } = protocol;
  if (identities === undefined) return undefined;
  const ranked = rankPairs(protocol);
  const errors: number[] = [];
  const accepted = rates.map((): number[] => []);
  const thresholds = rates.map((): number[] => []);
  for (const weights of identityBootstrap(identities, bootstrapSettings.replicates, bootstrapSettings.seed)) {
    if (!hasBothKinds(genuine, weights)) continue;
    const points = operatingPoints(ranked, weights);
    errors.push(equalErrorRate(points));
    for (const [index, rate] of rates.entries()) {
      const { trueAcceptRate, similarityThreshold } = pointAtFalseMatchRate(points, rate);
      accepted[index]?.push(trueAcceptRate);
      thresholds[index]?.push(similarityThreshold ?? highestSimilarity);
    }
  }
  if (errors.length === 0) return undefined;
  return {
    equalErrorRate: percentileInterval(errors),
    trueAcceptRates: accepted.map(percentileInterval),
    similarityThresholds: thresholds.map(percentileInterval),
  };
}

/** A sample of very few persons may have no pair of a kind, and then no rates. */
export function hasBothKinds(genuine: readonly boolean[], weights: Float64Array): boolean {
  const kinds = new Set<boolean>();
  for (const [pair, isGenuine] of genuine.entries()) {
    if ((weights[pair] ?? 0) > 0) kinds.add(isGenuine);
    if (kinds.size === 2) return true;
  }
  return false;
}
