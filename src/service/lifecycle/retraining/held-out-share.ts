import { leastImpostorPairs } from '../../../core/protocols/calibration/threshold-bands.js';

/** An identity with enough faces to be trained on or held out. */
export interface TrainableIdentity {
  readonly identity: string;
  /** Pairs of strangers are of two identities of one collection: of two collections they may be one person. */
  readonly collection: string;
  readonly faceCount: number;
}

/** The share that is held out, and the most where thresholds need more. */
const usualShare = 0.2;
const greatestShare = 0.4;
/** So many times the pairs that thresholds need: some faces may be gone when the candidate is assessed. */
const spare = 1.1;

/**
 * How many of the identities are held out where no share is said: a fifth, and as many more as give the pairs of strangers that thresholds at
 * the false match rate need (`leastImpostorPairs`), or a candidate would be rejected for want of thresholds. Where two fifths would not do it
 * is a fifth: thresholds are then of a data set, and those more would only be missed in training.
 * @param byPlace in the order in which they are held out
 */
export function countToHoldOut(byPlace: readonly TrainableIdentity[], falseMatchRate: number): number {
  const usual = Math.round(usualShare * byPlace.length);
  const needed = spare * leastImpostorPairs(falseMatchRate);
  const facesOf = new Map<string, number>();
  let pairs = 0;
  for (const [index, { collection, faceCount }] of byPlace
    .slice(0, Math.floor(greatestShare * byPlace.length))
    .entries()) {
    const others = facesOf.get(collection) ?? 0;
    pairs += faceCount * others;
    facesOf.set(collection, others + faceCount);
    if (pairs >= needed) return Math.max(usual, index + 1);
  }
  return usual;
}
