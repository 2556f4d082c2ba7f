import { type ConfidenceInterval, percentileInterval, personDraws } from '../metrics/identity-bootstrap.js';
import { equalErrorRate, operatingPoints, pointAtFalseMatchRate } from '../metrics/operating-points.js';
import { type RankedFacePairs, rankAllPairs, trueAcceptRateIn, weighedSample } from './all-pairs.js';

/** What could serve, by what it makes of the same faces. */
export interface EmbeddedCandidate {
  readonly name: string;
  /** [N] of [D], of any length but 0. */
  readonly embeddings: readonly Float32Array[];
}

/** How a candidate verifies the faces, beside the first one, the baseline. */
export interface CandidateFigures {
  readonly name: string;
  /** At the false match rate of the choice. */
  readonly trueAcceptRate: number;
  /** The true accept rate less the baseline's. */
  readonly gain: number;
  /** 95 % interval of the gain; undefined of the baseline, and where no sample of the persons has pairs of both kinds. */
  readonly gainInterval: ConfidenceInterval | undefined;
  readonly equalErrorRate: number;
}

/** What was chosen, and by what. */
export interface CandidateChoice {
  /** Name of the chosen one; the baseline's where nothing is to be gained. */
  readonly chosen: string;
  /** The rate that it was measured at: that asked for, or where there are too few pairs of strangers the strictest one. */
  readonly falseMatchRate: number;
  readonly identityCount: number;
  readonly faceCount: number;
  readonly genuinePairCount: number;
  readonly impostorPairCount: number;
  /** In the order of the candidates. */
  readonly figures: readonly CandidateFigures[];
}

/** So many of the impostor pairs must be accepted at a rate, or it is left to single pairs. */
const fewestFalseMatches = 10;
const bootstrap = { replicates: 500, seed: 20_240_916 } as const;

/**
 * Chooses among candidates by all pairs of faces of persons that none of them was trained on: of those whose true accept
 * rate is above the baseline's beyond chance, the one with the highest; of equals that with the lower equal error rate, and
 * then the earlier one. Beyond chance is a gain whose 95 % interval, by the bootstrap over persons paired with the
 * baseline, lies above 0: one-sided, a level of 2.5 % for each candidate. Where there is none, it is the baseline.
 *
 * The equal error rate breaks ties, and not the accuracy: of all pairs nearly all are of strangers, so that the accuracy is
 * theirs alone, and it changes by whole pairs.
 *
 * @param candidates the first one is the baseline
 * @param labels [N] whom each face shows
 * @param falseMatchRate above 0, to 1; see `measurableFalseMatchRate`
 * @throws RangeError where there is no baseline, no pair of a kind, or lengths differ
 */
export function chooseCandidate(
  candidates: readonly EmbeddedCandidate[],
  labels: ArrayLike<number | string>,
  falseMatchRate: number,
): CandidateChoice {
  const persons = numbered(labels);
  const faceCounts = countsOf(persons);
  const pairs = candidates.map(({ embeddings }) => rankAllPairs(embeddings, persons));
  const [baseline] = pairs;
  if (baseline === undefined) throw new RangeError('there is no baseline');
  const impostorPairCount = baseline.impostor.similarities.length;
  const rate = measurableFalseMatchRate(falseMatchRate, impostorPairCount);
  const intervals = gainIntervals(pairs, faceCounts, rate);
  const points = pairs.map((of) => pointFigures(of, rate));
  const figures = candidates.map(({ name }, index): CandidateFigures => {
    const { trueAcceptRate, equalErrorRate: error } = points[index] ?? nothing;
    const gain = trueAcceptRate - (points[0] ?? nothing).trueAcceptRate;
    return { name, trueAcceptRate, gain, gainInterval: intervals[index], equalErrorRate: error };
  });
  return {
    chosen: bestOf(figures),
    falseMatchRate: rate,
    identityCount: faceCounts.length,
    faceCount: persons.length,
    genuinePairCount: baseline.genuine.similarities.length,
    impostorPairCount,
    figures,
  };
}

/**
 * The strictest rate, at least the one asked for, at which ten of the impostor pairs are accepted; 1 where there are fewer.
 */
export function measurableFalseMatchRate(asked: number, impostorPairs: number): number {
  return Math.min(1, Math.max(asked, fewestFalseMatches / impostorPairs));
}

const nothing = { trueAcceptRate: Number.NaN, equalErrorRate: Number.NaN };

function pointFigures({ ranked }: RankedFacePairs, rate: number): typeof nothing {
  const points = operatingPoints(ranked);
  const { trueAcceptRate } = pointAtFalseMatchRate(points, rate);
  return { trueAcceptRate, equalErrorRate: equalErrorRate(points) };
}

/** The intervals of the gains over the first, all by the same samples of persons. */
function gainIntervals(
  pairs: readonly RankedFacePairs[],
  faceCounts: Int32Array,
  rate: number,
): readonly (ConfidenceInterval | undefined)[] {
  const gains = pairs.map((): number[] => []);
  for (const drawn of personDraws(faceCounts.length, bootstrap.replicates, bootstrap.seed)) {
    const sample = weighedSample(drawn, faceCounts);
    const rates = pairs.map((of) => trueAcceptRateIn(of, sample, rate));
    for (const [index, accepted] of rates.entries()) {
      if (index > 0 && accepted !== undefined) gains[index]?.push(accepted - (rates[0] ?? 0));
    }
  }
  return gains.map((values) => (values.length === 0 ? undefined : percentileInterval(values)));
}

function bestOf(figures: readonly CandidateFigures[]): string {
  const better = figures.filter(({ gainInterval }) => (gainInterval?.lower ?? 0) > 0);
  const [best = figures[0]] = better.toSorted(
    (a, b) => b.trueAcceptRate - a.trueAcceptRate || a.equalErrorRate - b.equalErrorRate,
  );
  return best?.name ?? '';
}

function numbered(labels: ArrayLike<number | string>): Int32Array {
  const numbers = new Map<number | string, number>();
  return Int32Array.from(Array.from(labels), (label) => {
    const number = numbers.get(label) ?? numbers.size;
    numbers.set(label, number);
    return number;
  });
}

function countsOf(persons: Int32Array): Int32Array {
  const counts = new Int32Array(persons.reduce((most, person) => Math.max(most, person + 1), 0));
  for (const person of persons) counts[person] = (counts[person] ?? 0) + 1;
  return counts;
}
