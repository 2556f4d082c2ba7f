import { normalDeviate } from '../../../figures/charts/normal-deviate.js';
import { shortPercent } from '../../../core/protocols/figure-text.js';
import { normalShareBelow } from './normal-share.js';

/** The threshold of a false match rate for pairs that look as a pair does. */
export interface RateThreshold {
  readonly falseMatchRate: number;
  readonly similarity: number;
}

/** What a calibration says of pairs of one look: the message ModelCalibration, as far as it is needed. */
export interface CalibrationFigures {
  readonly thresholds: readonly {
    readonly falseMatchRate: number;
    readonly similarityThreshold: number;
    readonly bands: readonly {
      readonly highestExpectedImpostorSimilarity: number;
      readonly similarityThreshold: number;
    }[];
  }[];
  readonly similarityBands: readonly SimilarityCounts[];
}

/** Counts of pairs in equal bins of the cosine similarity from -1 to 1. */
export interface SimilarityCounts {
  readonly highestExpectedImpostorSimilarity: number;
  readonly genuine: readonly number[];
  readonly impostor: readonly number[];
}

/** A rate between bounds where it is not known exactly: 0.1 to 1 is "more than a tenth". */
export interface RateRange {
  readonly lower: number;
  readonly upper: number;
}

/**
 * The measured thresholds for a pair, by rising similarity.
 * @param expected how alike strangers who look so are to be expected; undefined: those of all pairs
 */
export function thresholdsFor(
  { thresholds }: Pick<CalibrationFigures, 'thresholds'>,
  expected: number | undefined,
): readonly RateThreshold[] {
  return thresholds
    .flatMap(({ falseMatchRate, similarityThreshold, bands }) => {
      if (expected === undefined) return [{ falseMatchRate, similarity: similarityThreshold }];
      const band = bands.find((each) => Math.fround(expected) <= each.highestExpectedImpostorSimilarity);
      return band === undefined ? [] : [{ falseMatchRate, similarity: band.similarityThreshold }];
    })
    .sort((a, b) => a.similarity - b.similarity);
}

/** The counts of pairs that look as a pair does; undefined where they were not counted. */
export function countsFor(
  { similarityBands }: Pick<CalibrationFigures, 'similarityBands'>,
  expected: number | undefined,
): SimilarityCounts | undefined {
  if (expected === undefined) return undefined;
  return similarityBands.find((band) => Math.fround(expected) <= band.highestExpectedImpostorSimilarity);
}

/**
 * The share of strangers' pairs from a similarity on. Between two measured thresholds it is interpolated as strangers' similarities spread,
 * by normal deviates; beyond them it is only bounded.
 * @param known by rising similarity
 */
export function falseMatchRateAt(known: readonly RateThreshold[], similarity: number): RateRange {
  const above = known.findIndex((each) => similarity <= each.similarity + 1e-9);
  const [low, high] = [known[above - 1], known[above]];
  if (high === undefined) return { lower: 0, upper: known.at(-1)?.falseMatchRate ?? 1 };
  if (Math.abs(similarity - high.similarity) <= 1e-9) return exactly(high.falseMatchRate);
  if (low === undefined) return { lower: high.falseMatchRate, upper: 1 };
  const share = (similarity - low.similarity) / (high.similarity - low.similarity);
  const [from, to] = [normalDeviate(low.falseMatchRate), normalDeviate(high.falseMatchRate)];
  return exactly(normalShareBelow(from + share * (to - from)));
}

/** The share of one person's pairs below a similarity; within a bin they are taken to lie evenly. Undefined without counts. */
export function falseNonMatchRateAt(
  counts: SimilarityCounts | undefined,
  similarity: number,
): RateRange | undefined {
  const total = counts?.genuine.reduce((sum, count) => sum + count, 0) ?? 0;
  if (counts === undefined || total === 0) return undefined;
  const place = ((similarity + 1) / 2) * counts.genuine.length;
  const below = counts.genuine.reduce(
    (sum, count, bin) => sum + count * Math.min(Math.max(place - bin, 0), 1),
    0,
  );
  // Not one of them was below: the rule of three (95 %).
  return below < 1 ? { lower: 0, upper: 3 / total } : exactly(below / total);
}

function exactly(rate: number): RateRange {
  return { lower: rate, upper: rate };
}

/** A rate for people: "0.12 %", "less than 0.01 %", "more than 10 %". */
export function rateText({ lower, upper }: RateRange): string {
  if (lower === upper) return shortPercent(upper, 2);
  return lower === 0 ? `less than ${shortPercent(upper, 2)}` : `more than ${shortPercent(lower, 2)}`;
}

/** What a rate comes to: "1 in 1,000"; for what is not rare, or known by a bound only, nothing. */
export function oddsText({ lower, upper }: RateRange): string {
  if (lower !== upper || upper <= 0 || upper > 0.2) return '';
  return `1 in ${Number((1 / upper).toPrecision(2)).toLocaleString()}`;
}
