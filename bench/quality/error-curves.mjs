/** Error-versus-discard curves (Grother and Tabassi, 2007): false non-matches that are left when the poorest pairs are not compared. */
import { uniformGenerator } from '../../dist/core/random/seeded-random.js';
import { dotProduct, groupedBy } from './face-rows.mjs';
import { drawn } from '../../dist/datasets/degradation/random-numbers.js';

/** The light that a face is told from, mean luma; darker and brighter is worse. */
const usualBrightness = 125;
const mostGenuinePairsOfIdentity = 400;
const impostorPairs = 400_000;
/** Share of the pairs up to which is discarded. */
export const mostDiscarded = 0.3;
const pointsOfCurve = 61;

/** What faces are discarded by: higher is better. */
export const signals = {
  utility: ({ utility }) => utility,
  'face size': ({ faceSizePixels }) => faceSizePixels,
  'detection probability': ({ detectionProbability }) => detectionProbability,
  sharpness: ({ sharpness }) => sharpness,
  light: ({ brightness }) => -Math.abs(brightness - usualBrightness),
  yaw: ({ pose }) => -Math.abs(pose.yawDegrees),
  'landmark uncertainty': ({ landmarkUncertainty = 0 }) => -landmarkUncertainty,
  'embedding norm': ({ embeddingNorm }) => embeddingNorm,
  occlusion: ({ occlusion }) => -Math.max(occlusion.mouth, occlusion.nose, occlusion.eyes),
  detail: ({ detailPixels }) => detailPixels,
};

/**
 * @param faces measured faces @param falseMatchRate at which these faces are compared
 * @returns `{ faces, genuinePairs, threshold, falseNonMatchRate, curves: { [signal]: { area, points: [{ discarded, falseNonMatchRate }] } } }`;
 *   `area` is the mean false non-match rate over the discarded shares from 0 to 30 %
 */
export function errorVersusDiscard(faces, falseMatchRate) {
  const uniform = uniformGenerator(1);
  const genuine = genuinePairs(faces, uniform);
  const threshold = impostorQuantile(faces, 1 - falseMatchRate, uniform);
  const pairs = genuine.map(([a, b]) => ({
    a,
    b,
    isMissed: dotProduct(a.embedding, b.embedding) < threshold,
  }));
  return {
    faces: faces.length,
    genuinePairs: pairs.length,
    threshold,
    falseNonMatchRate: pairs.filter(({ isMissed }) => isMissed).length / pairs.length,
    curves: Object.fromEntries(
      Object.entries(signals).map(([name, signal]) => [name, discardCurve(pairs, signal)]),
    ),
  };
}

/** Pairs of different photographs of one person, or so many of them drawn. */
function genuinePairs(faces, uniform) {
  return [...groupedBy(faces, ({ identity }) => identity).values()].flatMap((own) => {
    const all = own.flatMap((a, index) =>
      own.slice(index + 1).flatMap((b) => (a.image === b.image ? [] : [[a, b]])),
    );
    if (all.length <= mostGenuinePairsOfIdentity) return all;
    return Array.from({ length: mostGenuinePairsOfIdentity }, () => drawn(uniform, all));
  });
}

/** A quantile of the similarities of strangers. */
function impostorQuantile(faces, quantile, uniform) {
  const similarities = [];
  for (let pair = 0; pair < impostorPairs; pair++) {
    const [a, b] = [drawn(uniform, faces), drawn(uniform, faces)];
    if (a.identity !== b.identity) similarities.push(dotProduct(a.embedding, b.embedding));
  }
  if (similarities.length === 0)
    throw new Error('these are photographs of one person alone: there are no strangers');
  const sorted = Float64Array.from(similarities).sort();
  return sorted[Math.min(sorted.length - 1, Math.floor(quantile * sorted.length))];
}

/** The pair is as good as its worse face. */
function discardCurve(pairs, signal) {
  const ordered = pairs
    .map(({ a, b, isMissed }) => ({ worse: Math.min(signal(a.quality), signal(b.quality)), isMissed }))
    .sort((one, other) => one.worse - other.worse);
  let missed = ordered.filter(({ isMissed }) => isMissed).length;
  const rates = [];
  for (const [discarded, { isMissed }] of ordered.entries()) {
    if (discarded > ordered.length * mostDiscarded) break;
    rates.push(missed / (ordered.length - discarded));
    if (isMissed) missed--;
  }
  const points = Array.from({ length: pointsOfCurve }, (_, index) => {
    const place = Math.round((index / (pointsOfCurve - 1)) * (rates.length - 1));
    return { discarded: place / ordered.length, falseNonMatchRate: rates[place] };
  });
  return { area: rates.reduce((sum, rate) => sum + rate, 0) / rates.length, points };
}
