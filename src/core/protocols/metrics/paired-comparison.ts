import {
  type ConfidenceInterval,
  identityBootstrap,
  type PairIdentities,
  percentileInterval,
} from './identity-bootstrap.js';

/** McNemar's exact test: which of two models decides more pairs rightly, and whether it may be luck. */
export interface McNemarTest {
  /** Pairs that only the first decides rightly. */
  readonly onlyFirst: number;
  readonly onlySecond: number;
  /** The chance of counts as unequal as these between models that are equally good, 0 to 1. */
  readonly pValue: number;
  /** Accuracy of the second less that of the first. */
  readonly accuracyDifference: number;
}

/**
 * @param first for each pair whether the first model decides it rightly
 * @param second the same of the second, on the same pairs
 * @throws RangeError where the lengths differ
 */
export function mcNemar(first: readonly boolean[], second: readonly boolean[]): McNemarTest {
  const gains = gainsOf(first, second);
  const onlyFirst = gains.filter((gain) => gain < 0).length;
  const onlySecond = gains.filter((gain) => gain > 0).length;
  return {
    onlyFirst,
    onlySecond,
    pValue: mcNemarExact(onlyFirst, onlySecond),
    accuracyDifference: (onlySecond - onlyFirst) / gains.length,
  };
}

/**
 * 95 % interval of the difference in accuracy, by the bootstrap over persons.
 * @throws RangeError where the lengths differ
 */
export function pairedAccuracyInterval(
  first: readonly boolean[],
  second: readonly boolean[],
  identities: readonly PairIdentities[],
  options: { readonly replicates: number; readonly seed: number },
): ConfidenceInterval {
  const gains = gainsOf(first, second);
  if (gains.length !== identities.length) throw new RangeError('two persons a pair');
  const differences: number[] = [];
  for (const weights of identityBootstrap(identities, options.replicates, options.seed)) {
    let gained = 0;
    let total = 0;
    for (const [pair, gain] of gains.entries()) {
      const weight = weights[pair] ?? 0;
      gained += gain * weight;
      total += weight;
    }
    if (total > 0) differences.push(gained / total);
  }
  return percentileInterval(differences);
}

function gainsOf(first: readonly boolean[], second: readonly boolean[]): readonly number[] {
  if (first.length !== second.length) throw new RangeError('the models must be compared on the same pairs');
  return first.map((right, pair) => Number(second[pair]) - Number(right));
}

/** Two-sided exact binomial test of b against c at 1/2 (McNemar 1947, without the normal approximation). */
function mcNemarExact(b: number, c: number): number {
  const count = b + c;
  const fewer = Math.min(b, c);
  // Sum of C(count, k) / 2^count for k up to the smaller one, by logarithms: 2^-count underflows beyond 1,074.
  let logChoose = 0;
  let tail = 0;
  for (let k = 0; k <= fewer; k++) {
    tail += Math.exp(logChoose - count * Math.LN2);
    logChoose += Math.log(count - k) - Math.log(k + 1);
  }
  return Math.min(1, 2 * tail);
}
