import { type ConfidenceInterval, percentileInterval, personDraws } from '../metrics/identity-bootstrap.js';
import { equalErrorRate, operatingPoints, pointAtFalseMatchRate } from '../metrics/operating-points.js';
import {
  equalErrorRateIn,
  type RankedFacePairs,
  rankAllPairs,
  trueAcceptRateIn,
  weighedSample,
} from './all-pairs.js';

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
  /** 95 % interval of the equal error rate less the baseline's; undefined where `gainInterval` is. */
  readonly errorChangeInterval: ConfidenceInterval | undefined;
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
 * rate is above the baseline's beyond chance, the one with the highest. Where there is none, the true accept rate is a tie,
 * which the equal error rate breaks: of those that are below the baseline's beyond chance, with a true accept rate that is not
 * lower, the one with the lowest. Else it is the baseline: nothing is to be gained.
 *
 * Beyond chance is what has its 95 % interval, by the bootstrap over persons paired with the baseline, on the right side of
 * 0: one-sided, a level of 2.5 % for each rate of each candidate. Ties between candidates go to the other rate, then to the
 * earlier one.
 *
 * It is the equal error rate, and not the accuracy: of all pairs nearly all are of strangers, so that the accuracy is theirs
 * alone, and it changes by whole pairs.
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
  const intervals = changeIntervals(pairs, faceCounts, rate);
  const points = pairs.map((of) => pointFigures(of, rate));
  const figures = candidates.map(({ name }, index): CandidateFigures => {
    const { trueAcceptRate, equalErrorRate: error } = points[index] ?? nothing;
    const gain = trueAcceptRate - (points[0] ?? nothing).trueAcceptRate;
    return { name, trueAcceptRate, gain, equalErrorRate: error, ...(intervals[index] ?? noIntervals) };
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

type Intervals = Pick<CandidateFigures, 'gainInterval' | 'errorChangeInterval'>;
const noIntervals: Intervals = { gainInterval: undefined, errorChangeInterval: undefined };

/** The intervals of what changes from the first, all by the same samples of persons. */
function changeIntervals(
  pairs: readonly RankedFacePairs[],
  faceCounts: Int32Array,
  rate: number,
): readonly Intervals[] {
  const changes = pairs.map(() => ({ accepted: [] as number[], error: [] as number[] }));
  for (const drawn of personDraws(faceCounts.length, bootstrap.replicates, bootstrap.seed)) {
    const sample = weighedSample(drawn, faceCounts);
    const rates = pairs.map((of) => ({
      accepted: trueAcceptRateIn(of, sample, rate),
      error: equalErrorRateIn(of, sample),
    }));
    for (const [index, { accepted, error }] of rates.entries()) {
      if (index === 0 || accepted === undefined || error === undefined) continue;
      changes[index]?.accepted.push(accepted - (rates[0]?.accepted ?? 0));
      changes[index]?.error.push(error - (rates[0]?.error ?? 0));
    }
  }
  return changes.map(({ accepted, error }) =>
    accepted.length === 0
      ? noIntervals
      : { gainInterval: percentileInterval(accepted), errorChangeInterval: percentileInterval(error) },
  );
}

function bestOf(figures: readonly CandidateFigures[]): string {
  const accepts = figures.filter(({ gainInterval }) => (gainInterval?.lower ?? 0) > 0);
  const errs = figures.filter(
    ({ gain, errorChangeInterval }) => gain >= 0 && (errorChangeInterval?.upper ?? 0) < 0,
  );
  const byAcceptRate = accepts.toSorted(
    (a, b) => b.trueAcceptRate - a.trueAcceptRate || a.equalErrorRate - b.equalErrorRate,
  );
  const byErrorRate = errs.toSorted(
    (a, b) => a.equalErrorRate - b.equalErrorRate || b.trueAcceptRate - a.trueAcceptRate,
  );
  return (byAcceptRate[0] ?? byErrorRate[0] ?? figures[0])?.name ?? '';
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
