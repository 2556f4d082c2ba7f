import { uniformGenerator } from '../../random/seeded-random.js';

/** The two persons of a pair; the same twice for a genuine one. */
export type PairIdentities = readonly [string, string];

/** A 95 % confidence interval. */
export interface ConfidenceInterval {
  readonly lower: number;
  readonly upper: number;
}

/**
 * Weights of the pairs in `replicates` bootstrap samples of the persons. Persons are drawn with replacement, as many as
 * there are; a genuine pair counts as often as its person was drawn, an impostor pair as often as both of its persons
 * were (the product). Pairs that share a person are not independent, so resampling pairs would promise too much.
 *
 * @param identities [P]
 * @param seed the same seed gives the same samples
 * @returns one array of [P] weights a replicate, one after the other
 */
export function* identityBootstrap(
  identities: readonly PairIdentities[],
  replicates: number,
  seed: number,
): Generator<Float64Array> {
  const names = [...new Set(identities.flat())].sort((a, b) => (a < b ? -1 : 1));
  const indexOf = new Map(names.map((name, index) => [name, index]));
  const members = identities.map(([a, b]) => [indexOf.get(a) ?? 0, indexOf.get(b) ?? 0] as const);
  for (const drawn of personDraws(names.length, replicates, seed)) {
    yield Float64Array.from(members, ([a, b]) => {
      const first = drawn[a] ?? 0;
      return a === b ? first : first * (drawn[b] ?? 0);
    });
  }
}

/**
 * How often each of the persons was drawn, in `replicates` bootstrap samples of as many persons with replacement.
 * @param seed the same seed gives the same samples
 * @returns one array of [persons] counts a replicate, one after the other
 */
export function* personDraws(persons: number, replicates: number, seed: number): Generator<Float64Array> {
  const random = uniformGenerator(seed);
  for (let replicate = 0; replicate < replicates; replicate++) {
    const drawn = new Float64Array(persons);
    for (let draw = 0; draw < persons; draw++) {
      const person = Math.floor(random() * persons);
      drawn[person] = (drawn[person] ?? 0) + 1;
    }
    yield drawn;
  }
}

/** The 2.5 and 97.5 % quantiles, interpolated linearly as NumPy's default does. */
export function percentileInterval(values: readonly number[]): ConfidenceInterval {
  const sorted = Float64Array.from(values).sort();
  return { lower: quantile(sorted, 0.025), upper: quantile(sorted, 0.975) };
}

function quantile(sorted: Float64Array, share: number): number {
  if (sorted.length === 0) throw new RangeError('a quantile needs values');
  const position = share * (sorted.length - 1);
  const below = Math.floor(position);
  const low = sorted[below] ?? Number.NaN;
  const high = sorted[below + 1] ?? low;
  return low + (high - low) * (position - below);
}
