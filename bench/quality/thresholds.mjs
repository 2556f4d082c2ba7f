/** Thresholds of a false match rate: one number for all pairs, and bands by how alike strangers who look so are. */
import { expectedImpostorSimilarity } from '../../dist/core/faces/quality/expected-impostor-similarity.js';
import { thresholdBands } from '../../dist/core/protocols/calibration/threshold-bands.js';
import { uniformGenerator } from '../../dist/core/random/seeded-random.js';
import { dotProduct, groupedBy } from './face-rows.mjs';
import { drawn } from '../../dist/datasets/degradation/random-numbers.js';

/**
 * Those of a model's manifest.
 * @param {import('../../dist/core/models/manifest.js').ModelManifest} manifest of a backbone
 * @param rate false match rate
 * @returns `{ single, bands, source }`; `bands` is undefined where the model has no calibration of the rate
 */
export function recordedThresholds(manifest, rate) {
  const { calibration, similarityThreshold } =
    /** @type {import('../../dist/core/models/manifest.js').BackboneManifest} */ (manifest);
  const threshold = calibration?.thresholds.find(
    ({ falseMatchRate }) => Math.abs(falseMatchRate / rate - 1) < 1e-9,
  );
  if (threshold === undefined) return { single: similarityThreshold?.similarity, bands: undefined };
  return { single: threshold.similarityThreshold, bands: threshold.bands, source: calibration.description };
}

/**
 * Bands of faces of other identities: pairs of strangers of the same kind, and half as many of any kinds, within each file.
 * @param files lists of faces @param pairs to draw
 */
export function fittedBands(files, rate, pairs) {
  const uniform = uniformGenerator(3);
  const faces = files.flatMap((own, file) => own.map((face) => ({ ...face, file })));
  const ofFile = groupedBy(faces, ({ file }) => file);
  const ofKind = groupedBy(faces, sameKindKey);
  const [similarities, expected] = [[], []];
  for (let pair = 0; pair < pairs; pair++) {
    const a = drawn(uniform, faces);
    const isOfOneKind = pair < (2 / 3) * pairs;
    const b = drawn(uniform, isOfOneKind ? ofKind.get(sameKindKey(a)) : ofFile.get(a.file));
    if (a.identity === b.identity) continue;
    similarities.push(dotProduct(a.embedding, b.embedding));
    expected.push(expectedImpostorSimilarity(a.appearance, b.appearance));
  }
  return thresholdBands(
    { similarities: Float32Array.from(similarities), expected: Float32Array.from(expected) },
    rate,
  );
}

function sameKindKey({ file, kind, view }) {
  return `${file} ${kind} ${view}`;
}
