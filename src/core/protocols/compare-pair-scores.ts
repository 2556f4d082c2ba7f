import {
  type ConfidenceInterval,
  identityBootstrap,
  percentileInterval,
} from './metrics/identity-bootstrap.js';
import {
  operatingPoints,
  pointAtFalseMatchRate,
  rankPairs,
  supportedFalseMatchRates,
} from './metrics/operating-points.js';
import { mcNemar, pairedAccuracyInterval } from './metrics/paired-comparison.js';
import { bootstrapSettings, hasBothKinds } from './bootstrap-intervals.js';
import type { PairScores } from './pair-scores.js';

/** The second's true accept rate less the first's. */
export interface TrueAcceptRateDifference {
  readonly falseMatchRate: number;
  readonly difference: number;
  readonly interval: ConfidenceInterval | undefined;
}

/** Two models on the same pairs. Intervals are undefined where the data set names no persons. */
export interface PairedComparison {
  readonly pairCount: number;
  /** Pairs that only the first decides rightly. */
  readonly onlyFirst: number;
  readonly onlySecond: number;
  readonly pValue: number;
  /** Accuracy of the second less that of the first. */
  readonly accuracyDifference: number;
  readonly accuracyInterval: ConfidenceInterval | undefined;
  readonly trueAcceptRateDifferences: readonly TrueAcceptRateDifference[];
}

/** @throws RangeError where they are not of the same pairs */
export function comparePairScores(first: PairScores, second: PairScores): PairedComparison {
  const isSame =
    first.genuine.length === second.genuine.length &&
    first.genuine.every((genuine, pair) => genuine === second.genuine[pair]);
  if (!isSame) throw new RangeError('the models must be compared on the same pairs');
  const { identities } = first;
  return {
    pairCount: first.genuine.length,
    ...mcNemar(first.decidedRightly, second.decidedRightly),
    accuracyInterval:
      identities &&
      pairedAccuracyInterval(first.decidedRightly, second.decidedRightly, identities, bootstrapSettings),
    trueAcceptRateDifferences: rateDifferences(first, second),
  };
}

function rateDifferences(first: PairScores, second: PairScores): readonly TrueAcceptRateDifference[] {
  const rates = supportedFalseMatchRates(first.genuine.filter((genuine) => !genuine).length);
  const ranked = [rankPairs(first), rankPairs(second)] as const;
  const differencesAt = (weights?: Float64Array): readonly number[] => {
    const [a, b] = ranked.map((pairs) => operatingPoints(pairs, weights));
    return rates.map(
      (rate) =>
        pointAtFalseMatchRate(b ?? [], rate).trueAcceptRate -
        pointAtFalseMatchRate(a ?? [], rate).trueAcceptRate,
    );
  };
  const samples: (readonly number[])[] = [];
  const { replicates, seed } = bootstrapSettings;
  for (const weights of first.identities === undefined
    ? []
    : identityBootstrap(first.identities, replicates, seed)) {
    if (hasBothKinds(first.genuine, weights)) samples.push(differencesAt(weights));
  }
  return differencesAt().map((difference, index) => ({
    falseMatchRate: rates[index] ?? Number.NaN,
    difference,
    interval:
      samples.length === 0
        ? undefined
        : percentileInterval(samples.map((sample) => sample[index] ?? Number.NaN)),
  }));
}
