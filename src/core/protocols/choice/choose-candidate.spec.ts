import { describe, expect, it } from 'vitest';
import { uniformGenerator } from '../../random/seeded-random.js';
import { identityBootstrap, type PairIdentities, percentileInterval } from '../metrics/identity-bootstrap.js';
import {
  equalErrorRate,
  type OperatingPoint,
  operatingPoints,
  pointAtFalseMatchRate,
} from '../metrics/operating-points.js';
import { rankAllPairs } from './all-pairs.js';
import { chooseCandidate, type EmbeddedCandidate, measurableFalseMatchRate } from './choose-candidate.js';

const at = (...degrees: readonly number[]): readonly Float32Array[] =>
  degrees.map((angle) => {
    const radians = (angle * Math.PI) / 180;
    return Float32Array.of(3 * Math.cos(radians), 3 * Math.sin(radians));
  });

/** So many persons with four faces each, at random within so many degrees of places 360 / persons apart. */
function spread(name: string, persons: number, degrees: number, seed = 5): EmbeddedCandidate {
  const uniform = uniformGenerator(seed);
  const angles = Array.from({ length: 4 * persons }, (_, face) => {
    return (Math.floor(face / 4) * 360) / persons + degrees * (2 * uniform() - 1);
  });
  return { name, embeddings: at(...angles) };
}
const missing = { gainInterval: undefined, errorChangeInterval: undefined };
const labelsOf = (persons: number): number[] =>
  Array.from({ length: 4 * persons }, (_, face) => Math.floor(face / 4));

describe('chooseCandidate', () => {
  it('measures all pairs, as counted by hand', () => {
    // Persons a (0°, 10°), b (30°, 90°), c (180°, 200°): 3 genuine pairs, 12 of strangers.
    const labels = ['a', 'a', 'b', 'b', 'c', 'c'];
    const embeddings = at(0, 10, 30, 90, 180, 200);
    const choice = chooseCandidate([{ name: 'only', embeddings }], labels, 0.001);
    expect(choice).toMatchObject({ chosen: 'only', identityCount: 3, faceCount: 6 });
    expect(choice).toMatchObject({ genuinePairCount: 3, impostorPairCount: 12 });
    // Of 12 pairs of strangers 10 must be accepted: 10 / 12, and at that all of one person are.
    expect(choice.falseMatchRate).toBeCloseTo(10 / 12, 12);
    expect(choice.figures[0]).toMatchObject({ trueAcceptRate: 1, gain: 0, gainInterval: undefined });
    // Apart by degrees, of one person: 10, 20, 60. Of strangers: 20, 30, 80 and more. At 30 one of 3 is missed and 2 of 12
    // are accepted falsely, at 60 none is missed: where the misses fall through 2 / 12 the rates are the same.
    expect(choice.figures[0]?.equalErrorRate).toBeCloseTo(2 / 12, 6);
  });

  it('takes the best of those that gain beyond chance', () => {
    const [poor, fair, good] = [spread('0', 12, 40), spread('0.5', 12, 25), spread('1', 12, 10)];
    const { chosen, figures } = chooseCandidate([poor, fair, good], labelsOf(12), 0.02);
    expect(chosen).toBe('1');
    const rates = figures.map(({ trueAcceptRate }) => trueAcceptRate);
    expect(rates).toEqual(rates.toSorted((a, b) => a - b));
    expect(figures[2]?.gainInterval?.lower).toBeGreaterThan(0);
    expect(chooseCandidate([good, fair, poor], labelsOf(12), 0.02).chosen).toBe('1');
  });

  it('takes what changes least within a standard error of the best, or the lowest equal error rate there', () => {
    const [poor, nearly, best] = [spread('0', 12, 40), spread('0.5', 12, 11, 6), spread('1', 12, 10)];
    const all = [poor, nearly, best];
    const { figures, chosen } = chooseCandidate(all, labelsOf(12), 0.02, 'least-change');
    const rates = figures.map(({ trueAcceptRate }) => trueAcceptRate);
    expect(rates[1]).toBeLessThan(rates[2] ?? 0);
    expect(chosen).toBe('0.5');
    expect(chooseCandidate(all, labelsOf(12), 0.02, 'lowest-error').chosen).toBe('1');
  });

  it('stays with the baseline where a gain may be chance', () => {
    // Other noise of the same size: better for some persons, worse for others.
    const [baseline, other] = [spread('0', 12, 25, 1), spread('1', 12, 25, 3)];
    const [a, b] = [
      chooseCandidate([baseline, other], labelsOf(12), 0.02),
      chooseCandidate([other, baseline], labelsOf(12), 0.02),
    ];
    expect([a.chosen, b.chosen]).toEqual(['0', '1']);
    expect(a.figures[1]?.gain).toBeCloseTo(-(b.figures[1]?.gain ?? 0), 12);
    expect(a.figures[1]?.gainInterval?.lower).toBeLessThan(0);
  });

  it('goes by the equal error rate where the true accept rate is a tie', () => {
    // At a rate of 1 all pairs are accepted by either.
    const [poor, fair, good] = [spread('0', 12, 40), spread('0.5', 12, 25), spread('1', 12, 10)];
    const { chosen, figures } = chooseCandidate([poor, fair, good], labelsOf(12), 1);
    expect(figures.map(({ gain }) => gain)).toEqual([0, 0, 0]);
    expect(figures[2]?.errorChangeInterval?.upper).toBeLessThan(0);
    expect(chosen).toBe('1');
    expect(chooseCandidate([good, fair, poor], labelsOf(12), 1).chosen).toBe('1');
  });

  it('goes no further than the first that the best exceeds by chance alone', () => {
    // The last two have noise of the same size: which of them is better is chance.
    const [poor, fair, best] = [spread('0', 12, 40), spread('0.5', 12, 17, 1), spread('1', 12, 17, 11)];
    const { chosen, figures } = chooseCandidate([poor, fair, best], labelsOf(12), 0.02);
    expect(figures[2]!.trueAcceptRate).toBeGreaterThan(figures[1]!.trueAcceptRate);
    expect(chosen).toBe('0.5');
  });

  it('takes the earlier one of equals', () => {
    const poor = spread('0', 12, 40);
    const good = spread('later', 12, 10);
    const earlier = { ...good, name: 'earlier' };
    expect(chooseCandidate([poor, earlier, good], labelsOf(12), 0.02).chosen).toBe('earlier');
  });

  it('needs a baseline, and pairs of both kinds', () => {
    expect(() => chooseCandidate([], [], 0.1)).toThrow(RangeError);
    expect(() => chooseCandidate([{ name: 'a', embeddings: at(1, 2) }], [1, 1], 0.1)).toThrow(RangeError);
    expect(() => chooseCandidate([{ name: 'a', embeddings: at(1, 2) }], [1, 1, 2], 0.1)).toThrow(RangeError);
  });

  it('has the intervals of the bootstrap that benchmarks have', () => {
    const candidates = [spread('0', 9, 35), spread('1', 9, 20)];
    const persons = Int32Array.from(labelsOf(9));
    const rate = 0.03;
    const identities: PairIdentities[] = [];
    for (let b = 0; b < persons.length; b++) {
      // Names that are sorted as the numbers are.
      for (let a = 0; a < b; a++) identities.push([`p${persons[a] ?? 0}`, `p${persons[b] ?? 0}`]);
    }
    const ranked = candidates.map(({ embeddings }) => rankAllPairs(embeddings, persons).ranked);
    const samples = [...identityBootstrap(identities, 500, 20_240_916)].map((weights) =>
      ranked.map((pairs) => operatingPoints(pairs, weights)),
    );
    const intervalOf = (of: (points: readonly OperatingPoint[]) => number) =>
      percentileInterval(samples.map(([before = [], after = []]) => of(after) - of(before)));
    const gain = intervalOf((points) => pointAtFalseMatchRate(points, rate).trueAcceptRate);
    const error = intervalOf(equalErrorRate);
    const [, { gainInterval, errorChangeInterval } = missing] = chooseCandidate(
      candidates,
      persons,
      rate,
    ).figures;
    expect(gainInterval?.lower).toBeCloseTo(gain.lower, 12);
    expect(gainInterval?.upper).toBeCloseTo(gain.upper, 12);
    expect(errorChangeInterval?.lower).toBeCloseTo(error.lower, 12);
    expect(errorChangeInterval?.upper).toBeCloseTo(error.upper, 12);
  });
});

describe('measurableFalseMatchRate', () => {
  it('is the one asked for where ten pairs of strangers are accepted at it', () => {
    expect(measurableFalseMatchRate(1e-3, 10_000)).toBe(1e-3);
    expect(measurableFalseMatchRate(1e-3, 5_000)).toBeCloseTo(2e-3, 12);
    expect(measurableFalseMatchRate(1e-3, 4)).toBe(1);
  });
});
