import { Failure } from '../failure.js';
import {
  expectedImpostorSimilarity,
  type FaceAppearance,
} from '../faces/quality/expected-impostor-similarity.js';
import { matchProbability } from '../protocols/calibration/logistic-calibration.js';
import { movedSimilarity } from '../protocols/calibration/model-calibration.js';
import { templateSimilarity } from './template-similarity.js';
import { isMatch, type SimilarityThreshold, type ThresholdRule } from './threshold.js';

/** Two faces that were compared. */
export interface ComparedPair {
  /** Cosine. */
  readonly similarity: number;
  /** {@link expectedOf} both; undefined where it is not known how either looks. */
  readonly expected: number | undefined;
}

/** What is made of a comparison, or of the mean of several. */
export interface Judgement {
  readonly matched: boolean;
  /** Cosine. */
  readonly similarity: number;
  readonly threshold: SimilarityThreshold;
  /** Were both answers equally likely beforehand, 0 to 1; undefined where nothing was calibrated, or not for such pairs. */
  readonly matchProbability: number | undefined;
}

/** How far a similarity is above its threshold; below it is negative. */
export function marginOf({ similarity, threshold }: Pick<Judgement, 'similarity' | 'threshold'>): number {
  return similarity - threshold.similarity;
}

/**
 * How alike strangers who look so are to be expected. Where it is not known how one of them looks, it is taken to look like the other: what
 * makes faces alike does so only if both have it, so hardly any other look is worse. Measured with sharp, masked, blurred and 22-pixel
 * faces against all kinds of others, strangers matched in at most 0.5 of a thousand pairs where one was said.
 * @returns undefined where it is known of neither
 */
export function expectedOf(a: FaceAppearance | undefined, b: FaceAppearance | undefined): number | undefined {
  const [one, other] = [a ?? b, b ?? a];
  return one && other && expectedImpostorSimilarity(one, other);
}

/** @returns undefined where no threshold is known for such a pair ({@link beyondCalibration}) */
export function judgePair(rule: ThresholdRule, pair: ComparedPair): Judgement | undefined {
  const threshold = thresholdOf(rule, pair);
  return threshold && judgement(rule, pair.similarity, threshold, placeOf(rule, pair));
}

/** A face of a subject that another was compared with. */
export interface ComparedTemplate extends ComparedPair {
  /** [D], of any length */
  readonly embedding: Float32Array;
}

/**
 * All faces of a subject as one template ({@link templateSimilarity}), against the mean of the thresholds that each would have. Those beside
 * which no threshold is known do not count.
 * @returns undefined where none is known for any
 */
export function judgeTemplate(
  rule: ThresholdRule,
  faces: readonly ComparedTemplate[],
): Judgement | undefined {
  const known = faces.flatMap((face) => {
    const threshold = thresholdOf(rule, face);
    return threshold === undefined ? [] : [{ ...face, threshold }];
  });
  const [first] = known;
  if (first === undefined) return undefined;
  const similarity = templateSimilarity(known);
  const expected = known.flatMap((face) => face.expected ?? []);
  const threshold = {
    ...first.threshold,
    similarity: meanOf(known.map((face) => face.threshold.similarity)),
    ...('expectedImpostorSimilarity' in first.threshold && { expectedImpostorSimilarity: meanOf(expected) }),
  };
  const places = known.flatMap((face) => placeOf(rule, { ...face, similarity }) ?? []);
  return judgement(rule, similarity, threshold, places.length === known.length ? meanOf(places) : undefined);
}

function thresholdOf(rule: ThresholdRule, { expected }: ComparedPair): SimilarityThreshold | undefined {
  return expected === undefined ? rule.overall : rule.of(expected);
}

/** What the match probability goes by; undefined where it is not known how the faces look. */
function placeOf({ calibration }: ThresholdRule, { similarity, expected }: ComparedPair): number | undefined {
  if (calibration === undefined || expected === undefined) return undefined;
  return movedSimilarity(calibration.thresholds, similarity, expected);
}

function judgement(
  { calibration }: ThresholdRule,
  similarity: number,
  threshold: SimilarityThreshold,
  place: number | undefined,
): Judgement {
  return {
    matched: isMatch(similarity, threshold),
    similarity,
    threshold,
    matchProbability:
      calibration === undefined || place === undefined
        ? undefined
        : matchProbability(calibration.logistic, place),
  };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** A face of a pair that is refused. */
interface NamedFace {
  readonly appearance: FaceAppearance | undefined;
  /** The field of the request that it came in; undefined for an enrolled face. */
  readonly field: string | undefined;
  /** For people: "image_a", "enrolled face 5f…". */
  readonly name: string;
}

/** Says that no threshold is known for a pair, which of its faces is the worse one, and what to do. */
export function beyondCalibration(a: NamedFace, b: NamedFace): Failure {
  const worse = poorness(b) > poorness(a) ? b : a;
  const field = worse.field ?? a.field ?? b.field;
  return new Failure(
    'THRESHOLD_NOT_CALIBRATED',
    'No threshold is known for photographs as poor as these two: strangers who look so are more alike than any that the active model ' +
      `version was calibrated on. The face of ${worse.name} is the worse one: take a better photograph (larger, sharper, facing ` +
      'the camera, nothing in front of the face), or set similarity_threshold in the request.',
    field === undefined ? {} : { field },
  );
}

/** How alike strangers are who both look as this face does. */
export function poorness({ appearance }: Pick<NamedFace, 'appearance'>): number {
  return expectedOf(appearance, appearance) ?? -Infinity;
}
