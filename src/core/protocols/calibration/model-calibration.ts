import { Failure } from '../../failure.js';
import { fitLogistic, type LogisticCalibration } from './logistic-calibration.js';
import {
  asFarAsStricter,
  bandOf,
  leastFalseMatches,
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
}

/** What a model's manifest says of its similarities. */
export interface RecordedCalibration extends Calibration {
  /** The pairs that it was found on, for people: "pairs of CelebA 7401 to 7450". */
  readonly description: string;
}

/** What a benchmark taught about the similarities of a model version. */
export interface ModelCalibration extends Calibration {
  readonly modelVersion: string;
  readonly benchmarkRunId: string;
  readonly datasetId: string;
  readonly createTime: Date;
}

/** Genuine and impostor pairs to calibrate by. */
export interface CalibrationPairs {
  readonly genuine: PairSimilarities;
  readonly impostor: PairSimilarities;
}

/** The false match rates that thresholds are found for, where the data support them. */
const calibratedRates: readonly number[] = [1e-1, 1e-2, 1e-3, 1e-4, 1e-5, 1e-6];

/** Match probabilities go by similarities above or below the threshold of this rate; of a looser one where it is not calibrated. */
const referenceRate = 1e-3;
/** Pairs of a kind that the two numbers of a curve are fitted to: more do not move them. */
const mostFittedPairs = 300_000;

/**
 * @param rates that thresholds are wanted of, falling
 * @returns undefined where the impostor pairs support none of the rates, or there is no genuine pair
 */
export function calibrationOf(
  { genuine, impostor }: CalibrationPairs,
  rates: readonly number[] = calibratedRates,
): Calibration | undefined {
  const impostorPairCount = impostor.similarities.length;
  const thresholds: CalibratedThreshold[] = [];
  for (const falseMatchRate of rates.filter((rate) => supportsRate(impostorPairCount, rate))) {
    const bands = asFarAsStricter(thresholdBands(impostor, falseMatchRate), thresholds.at(-1)?.bands ?? []);
    if (bands.length === 0) break;
    const similarityThreshold = thresholdAccepting(falseMatchRate, impostor.similarities);
    thresholds.push({ falseMatchRate, similarityThreshold, bands });
  }
  const reference = referenceThreshold(thresholds);
  const moved = [genuine, impostor].map((pairs) =>
    reference === undefined ? [] : movedSimilarities(reference, pairs),
  );
  if (moved.some(({ length }) => length === 0)) return undefined;
  const logistic = fitLogistic({
    similarities: Float64Array.from(moved.flat()),
    genuine: moved.flatMap((similarities, kind) => similarities.map(() => kind === 0)),
  });
  return { thresholds, logistic, impostorPairCount };
}

/** The threshold that match probabilities go by: of the strictest calibrated rate down to 1e-3. */
export function referenceThreshold(
  thresholds: readonly CalibratedThreshold[],
): CalibratedThreshold | undefined {
  return thresholds.findLast(({ falseMatchRate }) => falseMatchRate >= referenceRate * (1 - 1e-9));
}

/**
 * A similarity in the place that it would have among pairs of all kinds: as far above or below the reference's overall threshold as it is
 * above or below that of its band. One curve of match probability holds for all pairs so.
 * @returns undefined where the pair is harder than all that the threshold was measured on
 */
export function movedSimilarity(
  { bands, similarityThreshold }: CalibratedThreshold,
  similarity: number,
  expectedImpostorSimilarity: number,
): number | undefined {
  const band = bandOf(bands, expectedImpostorSimilarity);
  return band && similarity - band.similarityThreshold + similarityThreshold;
}

/** Those of at most {@link mostFittedPairs} pairs, taken evenly. */
function movedSimilarities(
  reference: CalibratedThreshold,
  { similarities, expected }: PairSimilarities,
): readonly number[] {
  const step = Math.max(1, similarities.length / mostFittedPairs);
  const moved: number[] = [];
  for (let place = 0; place < similarities.length; place += step) {
    const pair = Math.floor(place);
    const similarity = movedSimilarity(reference, similarities[pair] ?? 0, expected[pair] ?? 0);
    if (similarity !== undefined) moved.push(similarity);
  }
  return moved;
}

/**
 * The calibration of a model version by a benchmark of it.
 * @param falseMatchRate one that it must have a threshold of
 * @throws Failure CALIBRATION_UNSUPPORTED where the impostor pairs are too few for the rate
 */
export function calibrate(
  run: Pick<ModelCalibration, 'modelVersion' | 'benchmarkRunId' | 'datasetId'>,
  { calibration }: { readonly calibration: Calibration | undefined },
  falseMatchRate: number,
): Omit<ModelCalibration, 'createTime'> {
  if (calibration === undefined || thresholdOfRate(calibration, falseMatchRate) === undefined) {
    throw unsupported(calibration, falseMatchRate);
  }
  return { ...run, ...calibration };
}

/** The thresholds of a false match rate; undefined where it is not calibrated. */
export function thresholdOfRate(
  { thresholds }: Pick<Calibration, 'thresholds'>,
  falseMatchRate: number,
): CalibratedThreshold | undefined {
  // 0.001 and 1e-3 are the same, however a client computed them.
  return thresholds.find(
    (candidate) => Math.abs(candidate.falseMatchRate - falseMatchRate) <= 1e-9 * falseMatchRate,
  );
}

function unsupported(calibration: Calibration | undefined, rate: number): Failure {
  const needed = Math.ceil(leastFalseMatches / rate - 1e-9);
  const known =
    calibration === undefined
      ? 'supports none: it has fewer than 300 impostor pairs, or no genuine pair as easy as these, or was run before it was measured ' +
        'how faces look (then run it again)'
      : `has ${calibration.impostorPairCount} pairs, which support ${ratesText(calibration.thresholds)}`;
  return new Failure(
    'CALIBRATION_UNSUPPORTED',
    `A false match rate of ${rate} needs ${needed} impostor pairs (${leastFalseMatches} false matches) and must be one ` +
      `of 1e-1, 1e-2 … 1e-6; the benchmark ${known}. ` +
      'Choose a higher rate, or a data set of more impostor pairs; of one that names every identity, all pairs count.',
    { impostor_pair_count: String(calibration?.impostorPairCount ?? 0) },
  );
}

/** The false match rates for messages, as "1e-1, 1e-2". */
export function ratesText(thresholds: readonly CalibratedThreshold[]): string {
  if (thresholds.length === 0) return 'none';
  return thresholds.map(({ falseMatchRate }) => falseMatchRate.toExponential(0)).join(', ');
}
