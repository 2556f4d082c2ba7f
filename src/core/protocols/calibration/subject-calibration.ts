import {
  type CalibrationFace,
  impostorPairCount,
  impostorPairs,
  similaritiesOf,
} from './calibration-pairs.js';
import { matchProbability } from './logistic-calibration.js';
import { type Calibration, calibrationOf, movedSimilarity } from './model-calibration.js';
import type { PairSimilarities } from './threshold-bands.js';

/** A face of a subject to calibrate by. */
export interface SubjectFace extends CalibrationFace {
  /** Whom it shows: of two subjects of one collection it is known that they are two persons. */
  readonly subject: string;
  readonly collection: string;
}

/** What faces of subjects teach of a model. */
export interface SubjectCalibration {
  /** Undefined where the pairs support no rate, or no subject has two faces. */
  readonly calibration: Calibration | undefined;
  readonly subjectCount: number;
  readonly faceCount: number;
  readonly impostorPairCount: number;
  /** Pairs of two subjects whose match probability is above 0.99. */
  readonly suspectPairCount: number;
}

const suspectProbability = 0.99;
/** As many as of data sets. */
const mostImpostorPairs = 3_000_000;
/** Pairs of a subject's own faces: of more faces the first ones. */
const mostFacesOfSubject = 20;
const seed = 1;

/**
 * Calibrates by the pairs of subjects of one collection, of several collections together: a person may be a subject of two. Where there
 * are more than three million pairs of strangers, so many are drawn.
 */
export function calibrateBySubjects(faces: readonly SubjectFace[]): SubjectCalibration {
  const subjects = faces.map(({ subject }) => subject);
  const genuine = similaritiesOf(faces, genuinePairs(subjects));
  const impostor = similaritiesOf(faces, impostorPairsWithin(faces, subjects));
  const calibration = calibrationOf({ genuine, impostor });
  return {
    calibration,
    subjectCount: new Set(subjects).size,
    faceCount: faces.length,
    impostorPairCount: impostor.similarities.length,
    suspectPairCount: calibration === undefined ? 0 : suspects(calibration, impostor),
  };
}

function genuinePairs(subjects: readonly string[]): Uint32Array {
  const pairs: number[] = [];
  for (const faces of placesBy(subjects)) {
    const some = faces.slice(0, mostFacesOfSubject);
    for (const [place, first] of some.entries()) {
      for (const second of some.slice(place + 1)) pairs.push(first, second);
    }
  }
  return Uint32Array.from(pairs);
}

/** Each collection has its share of the pairs. */
function impostorPairsWithin(faces: readonly SubjectFace[], subjects: readonly string[]): Uint32Array {
  const collections = placesBy(faces.map(({ collection }) => collection));
  const counts = collections.map((places) => impostorPairCount(places, subjects));
  const total = counts.reduce((sum, count) => sum + count, 0);
  const share = Math.min(1, mostImpostorPairs / total);
  const chosen = collections.map((places, index) =>
    impostorPairs(places, subjects, Math.floor(share * (counts[index] ?? 0)), seed),
  );
  const pairs = new Uint32Array(chosen.reduce((sum, { length }) => sum + length, 0));
  let start = 0;
  for (const some of chosen) {
    pairs.set(some, start);
    start += some.length;
  }
  return pairs;
}

/** The places of each name in a list. */
function placesBy(names: readonly string[]): readonly (readonly number[])[] {
  const places = new Map<string, number[]>();
  for (const [place, name] of names.entries()) {
    const known = places.get(name);
    if (known === undefined) places.set(name, [place]);
    else known.push(place);
  }
  return [...places.values()];
}

function suspects(
  { thresholds, logistic }: Calibration,
  { similarities, expected }: PairSimilarities,
): number {
  let count = 0;
  for (const [pair, similarity] of similarities.entries()) {
    const moved = movedSimilarity(thresholds, similarity, expected[pair] ?? 0);
    if (moved !== undefined && matchProbability(logistic, moved) > suspectProbability) count++;
  }
  return count;
}
