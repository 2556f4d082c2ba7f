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

/** Which of those that are as good as the best is chosen: what changes least, or what has the lowest equal error rate. */
export type ChoicePreference = 'least-change' | 'lowest-error';

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
 * Chooses among candidates by all pairs of faces of persons that none of them was trained on. The best is, of those whose
 * true accept rate is above the baseline's beyond chance, the one with the highest. Where there is none, the true accept rate
 * is a tie, which the equal error rate breaks: of those that are below the baseline's beyond chance, with a true accept rate
 * that is not lower, the one with the lowest. Else it is the baseline: nothing is to be gained.
 *
 * Beyond chance is what has its 95 % interval, by the bootstrap over persons paired with the baseline, on the right side of
 * 0: one-sided, a level of 2.5 % for each rate of each candidate.
 *
 * Chosen is one of those beyond chance that the best exceeds by no more than one standard error of their difference
 * (Breiman et al., "Classification and Regression Trees", 1984, section 3.4.3; paired here). Candidates come in the order of
 * how much they change: what changes less loses less of what no face that is held out shows.
 *
 * It is the equal error rate, and not the accuracy: of all pairs nearly all are of strangers, so that the accuracy is theirs
 * alone, and it changes by whole pairs.
 *
 * @param candidates the first one is the baseline; then in the order of how much they change
 * @param labels [N] whom each face shows
 * @param falseMatchRate above 0, to 1; see `measurableFalseMatchRate`
 * @param prefers `least-change` where faces that none of these are like are served by what is chosen, too
 * @throws RangeError where there is no baseline, no pair of a kind, or lengths differ
 */
export function chooseCandidate(
  candidates: readonly EmbeddedCandidate[],
  labels: ArrayLike<number | string>,
  falseMatchRate: number,
  prefers: ChoicePreference = 'least-change',
): CandidateChoice {
  const persons = numbered(labels);
  const faceCounts = countsOf(persons);
  const pairs = candidates.map(({ embeddings }) => rankAllPairs(embeddings, persons));
  const [baseline] = pairs;
  if (baseline === undefined) throw new RangeError('there is no baseline');
  const impostorPairCount = baseline.impostor.similarities.length;
  const rate = measurableFalseMatchRate(falseMatchRate, impostorPairCount);
  const samples = sampledRates(pairs, faceCounts, rate);
  const points = pairs.map((of) => pointFigures(of, rate));
  const figures = candidates.map(({ name }, index): CandidateFigures => {
    const { trueAcceptRate, equalErrorRate: error } = points[index] ?? nothing;
    const gain = trueAcceptRate - (points[0] ?? nothing).trueAcceptRate;
    return { name, trueAcceptRate, gain, equalErrorRate: error, ...intervalsOf(samples, index) };
  });
  return {
    chosen: chosenOf(figures, samples, prefers),
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

/** What candidates came to in the same samples of persons: [candidates] of each sample that has pairs of both kinds. */
interface SampledRates {
  readonly accepted: readonly (readonly number[])[];
  readonly error: readonly (readonly number[])[];
}

function sampledRates(pairs: readonly RankedFacePairs[], faceCounts: Int32Array, rate: number): SampledRates {
  const rates = { accepted: [] as number[][], error: [] as number[][] };
  for (const drawn of personDraws(faceCounts.length, bootstrap.replicates, bootstrap.seed)) {
    const sample = weighedSample(drawn, faceCounts);
    const accepted = pairs.flatMap((of) => trueAcceptRateIn(of, sample, rate) ?? []);
    if (accepted.length < pairs.length) continue;
    rates.accepted.push(accepted);
    rates.error.push(pairs.flatMap((of) => equalErrorRateIn(of, sample) ?? []));
  }
  return rates;
}

/** How much one candidate exceeds another one, sample by sample. */
function differences(samples: readonly (readonly number[])[], one: number, other: number): readonly number[] {
  return samples.map((rates) => (rates[one] ?? Number.NaN) - (rates[other] ?? Number.NaN));
}

/** The intervals of what changes from the baseline. */
function intervalsOf(
  { accepted, error }: SampledRates,
  candidate: number,
): Pick<CandidateFigures, 'gainInterval' | 'errorChangeInterval'> {
  if (candidate === 0 || accepted.length === 0)
    return { gainInterval: undefined, errorChangeInterval: undefined };
  return {
    gainInterval: percentileInterval(differences(accepted, candidate, 0)),
    errorChangeInterval: percentileInterval(differences(error, candidate, 0)),
  };
}

function chosenOf(
  figures: readonly CandidateFigures[],
  { accepted, error }: SampledRates,
  prefers: ChoicePreference,
): string {
  const accepts = figures.map(({ gainInterval }) => (gainInterval?.lower ?? 0) > 0);
  if (accepts.includes(true)) {
    const rates = figures.map(({ trueAcceptRate }) => trueAcceptRate);
    return preferredOf(asGoodAsBest(accepts, rates, accepted), figures, prefers);
  }
  const errs = figures.map(
    ({ gain, errorChangeInterval }) => gain >= 0 && (errorChangeInterval?.upper ?? 0) < 0,
  );
  const rights = figures.map(({ equalErrorRate: error }) => 1 - error);
  return preferredOf(asGoodAsBest(errs, rights, error), figures, prefers);
}

/**
 * The places of those that count which the best of them exceeds by no more than a standard error of the difference.
 * @param figure of each candidate; the greater the better
 */
function asGoodAsBest(
  counts: readonly boolean[],
  figure: readonly number[],
  samples: readonly (readonly number[])[],
): readonly number[] {
  const places = counts.flatMap((doesCount, place) => (doesCount ? [place] : []));
  const at = (place: number): number => figure[place] ?? Number.NEGATIVE_INFINITY;
  const [best] = places.toSorted((a, b) => at(b) - at(a));
  if (best === undefined) return [];
  return places.filter(
    (place) => place === best || at(best) - at(place) <= standardDeviation(differences(samples, best, place)),
  );
}

/** @returns the name of the first of all where none is as good as the best */
function preferredOf(
  places: readonly number[],
  figures: readonly CandidateFigures[],
  prefers: ChoicePreference,
): string {
  const error = (place: number): number => figures[place]?.equalErrorRate ?? Number.POSITIVE_INFINITY;
  const inOrder = prefers === 'least-change' ? places : places.toSorted((a, b) => error(a) - error(b));
  return figures[inOrder[0] ?? 0]?.name ?? '';
}

/** Of bootstrap samples it is the standard error of what they are samples of. */
function standardDeviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
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
