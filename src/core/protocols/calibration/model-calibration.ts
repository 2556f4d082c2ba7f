import { Failure } from '../../failure.js';
import { falseMatchRateText } from '../figure-text.js';
import { fitLogistic, type LogisticCalibration } from './logistic-calibration.js';
import { type SimilarityBand, similarityBands } from './similarity-bands.js';
import {
  asFarAsStricter,
  bandOf,
  leastFalseMatches,
  leastImpostorPairs,
  type PairSimilarities,
  supportsRate,
  thresholdAccepting,
  type ThresholdBand,
  thresholdBands,
} from './threshold-bands.js';

/** The thresholds of a false match rate. */
export interface CalibratedThreshold {
  readonly falseMatchRate: number;
  /** Over all pairs alike, for people and summaries: no single pair is decided by it. */
  readonly similarityThreshold: number;
  /** The thresholds that decide, by how alike strangers who look so are to be expected; never none. */
  readonly bands: readonly ThresholdBand[];
}

/** What is known of the similarities of a model. */
export interface Calibration {
  /** By falling false match rate, of the rates that the data support. */
  readonly thresholds: readonly CalibratedThreshold[];
  /** Of moved similarities ({@link movedSimilarity}). */
  readonly logistic: LogisticCalibration;
  readonly impostorPairCount: number;
  /** How the pairs' similarities are spread, for people; absent where too few were of one person, and of older calibrations. */
  readonly similarityBands?: readonly SimilarityBand[] | undefined;
}

/** What a model's manifest says of its similarities. */
export interface RecordedCalibration extends Calibration {
  /** Where its pairs are from, for people: "CelebA 7401 to 7450". */
  readonly description: string;
}

/** What was learnt here about the similarities of a model version. */
export interface ModelCalibration extends RecordedCalibration {
  readonly modelVersion: string;
  /** Both are undefined where it was learnt from enrolled faces. */
  readonly benchmarkRunId: string | undefined;
  readonly datasetId: string | undefined;
  readonly createTime: Date;
}

/** Genuine and impostor pairs to calibrate by. */
export interface CalibrationPairs {
  readonly genuine: PairSimilarities;
  readonly impostor: PairSimilarities;
}

/** The false match rates that thresholds are found for, where the data support them. */
const calibratedRates: readonly number[] = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6];

const loosestRate = Math.max(...calibratedRates);

/** Match probabilities go by similarities above or below the threshold of this rate; of a looser one where it is not calibrated. */
const referenceRate = 1e-3;
/** Pairs of a kind that the two numbers of a curve are fitted to: more do not move them. */
const mostFittedPairs = 300_000;

/**
 * @param rates that thresholds are wanted of, falling
 * @param comparable the pairs that the match probability is fitted to: hopeless ones among them make strangers in good photographs
 *   look doubtful
 * @returns undefined where the impostor pairs support none of the rates, or there is no genuine pair
 */
export function calibrationOf(
  { genuine, impostor }: CalibrationPairs,
  rates: readonly number[] = calibratedRates,
  comparable: CalibrationPairs = { genuine, impostor },
): Calibration | undefined {
  const impostorPairCount = impostor.similarities.length;
  const thresholds: CalibratedThreshold[] = [];
  for (const falseMatchRate of rates.filter((rate) => supportsRate(impostorPairCount, rate))) {
    const bands = asFarAsStricter(thresholdBands(impostor, falseMatchRate), thresholds.at(-1)?.bands ?? []);
    if (bands.length === 0) break;
    const similarityThreshold = thresholdAccepting(falseMatchRate, impostor.similarities);
    thresholds.push({ falseMatchRate, similarityThreshold, bands });
  }
  const moved = [comparable.genuine, comparable.impostor].map((pairs) =>
    movedSimilarities(thresholds, pairs),
  );
  if (moved.some(({ length }) => length === 0)) return undefined;
  const logistic = fitLogistic({
    similarities: Float64Array.from(moved.flat()),
    genuine: moved.flatMap((similarities, kind) => similarities.map(() => kind === 0)),
  });
  const spread = similarityBands(genuine, impostor);
  return { thresholds, logistic, impostorPairCount, ...(spread.length > 0 && { similarityBands: spread }) };
}

/** The threshold that match probabilities go by: of the strictest calibrated rate down to 1e-3. */
export function referenceThreshold(
  thresholds: readonly CalibratedThreshold[],
): CalibratedThreshold | undefined {
  return thresholds.findLast(({ falseMatchRate }) => falseMatchRate >= referenceRate * (1 - 1e-9));
}

/**
 * A similarity as far as it is above the threshold of its band (below it is negative), in units of how far that is from the band's threshold of
 * the loosest rate: strangers spread more in some bands than in others. One curve of match probability holds for all pairs so.
 * @returns undefined where the pair is harder than all that the thresholds were measured on, or nothing is calibrated
 */
export function movedSimilarity(
  thresholds: readonly CalibratedThreshold[],
  similarity: number,
  expectedImpostorSimilarity: number,
): number | undefined {
  const [loosest, reference] = [thresholds[0], referenceThreshold(thresholds)];
  if (loosest === undefined || reference === undefined) return undefined;
  const [loose, strict] = [loosest, reference].map(({ bands }) => bandOf(bands, expectedImpostorSimilarity));
  if (loose === undefined || strict === undefined) return undefined;
  const spread = strict.similarityThreshold - loose.similarityThreshold;
  return (similarity - strict.similarityThreshold) / (spread > 0 ? spread : 1);
}

/** Those of at most {@link mostFittedPairs} pairs, taken evenly. */
function movedSimilarities(
  thresholds: readonly CalibratedThreshold[],
  { similarities, expected }: PairSimilarities,
): readonly number[] {
  const step = Math.max(1, similarities.length / mostFittedPairs);
  const moved: number[] = [];
  for (let place = 0; place < similarities.length; place += step) {
    const pair = Math.floor(place);
    const similarity = movedSimilarity(thresholds, similarities[pair] ?? 0, expected[pair] ?? 0);
    if (similarity !== undefined) moved.push(similarity);
  }
  return moved;
}

/** The thresholds of a false match rate; undefined where it is not calibrated. */
export function thresholdOfRate(
  { thresholds }: Pick<Calibration, 'thresholds'>,
  falseMatchRate: number,
): CalibratedThreshold | undefined {
  return thresholds.find((candidate) => isSameRate(candidate.falseMatchRate, falseMatchRate));
}

/** 0.001 and 1e-3 are the same, however a client computed them. */
function isSameRate(rate: number, other: number): boolean {
  return Math.abs(rate - other) <= 1e-9 * other;
}

/** CALIBRATION_UNSUPPORTED: what was learnt has no threshold of the rate, since there are too few pairs of strangers, or of one person. */
export function unsupportedRate(
  rate: number,
  { description, thresholds, impostorPairCount }: Omit<RecordedCalibration, 'logistic'>,
): Failure {
  const needed = leastImpostorPairs(rate);
  const reason =
    supportsRate(impostorPairCount, loosestRate) && thresholds.length === 0
      ? 'It has no pair of one person that is as easy as these, or was measured before it was known how faces look: then run it again.'
      : 'Take more photographs; of a data set that names every identity, all pairs count.';
  return new Failure(
    'CALIBRATION_UNSUPPORTED',
    `The false match rate of ${falseMatchRateText(rate)} needs ${needed} impostor pairs (${leastFalseMatches} false matches); ` +
      `${description} has ${impostorPairCount}, which give thresholds at ${ratesText(thresholds)}. ${reason}`,
    { impostor_pair_count: String(impostorPairCount) },
  );
}

/** What it takes to have a threshold of a rate that a version is not calibrated for, in a sentence. */
export function howToCalibrate(falseMatchRate: number): string {
  const rate = calibratedRates.find((known) => isSameRate(known, falseMatchRate));
  return rate === undefined
    ? `A calibration has thresholds at ${calibratedRates.map(falseMatchRateText).join(', ')}, as far as its pairs go, and at no other rate.`
    : `For ${falseMatchRateText(rate)} calibrate it on ${leastImpostorPairs(rate)} impostor pairs or more.`;
}

/** The false match rates for messages, as "1e-1, 1e-2". */
export function ratesText(thresholds: readonly CalibratedThreshold[]): string {
  if (thresholds.length === 0) return 'none';
  return thresholds.map(({ falseMatchRate }) => falseMatchRateText(falseMatchRate)).join(', ');
}
