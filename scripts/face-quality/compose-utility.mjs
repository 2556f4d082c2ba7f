/** Makes a face's utility of what the crop, the detector and the embedding say. */

/** What src/core/faces/quality/face-utility.ts counts from, and how far it believes the measures. */
const usualProbability = 0.85;
const usualUncertainty = 0.03;
const uncertaintyRange = /** @type {const} */ ([0.004, 0.4]);
const cropLogitRange = /** @type {const} */ ([-6, 6]);
/**
 * How the measures weigh against each other: chosen by bench/quality/error-versus-discard.mjs on CelebA 7401 to 7450 and CFP 001 to 200. A
 * regression on faces that the network was trained on believes the crop too much.
 */
const mixes = {
  crop: { crop: 1 },
  detected: { crop: 0.8, probability: 5, logUncertainty: -0.1 },
  embedded: { crop: 0.5, norm: 1 },
  'detected and embedded': { crop: 0.5, probability: 4, logUncertainty: -0.1, norm: 1 },
};
const iterations = 50;

/**
 * The scale of each mix, so that utilities are the shares of comparisons that succeed: logistic regressions.
 * @param faces [{ cropLogit, accepted, quality }] of persons that the network was not trained on; those whose `accepted` is undefined
 *   are passed over
 * @param typicalNorm `{ mean, standardDeviation }` of the backbone's raw embeddings
 * @returns the table of coefficients of face-utility.ts
 */
export function composeUtility(faces, typicalNorm) {
  const known = faces.filter(({ accepted }) => accepted !== undefined);
  return Object.fromEntries(
    Object.entries(mixes).map(([name, mix]) => {
      const samples = known.map((face) => ({
        accepted: face.accepted,
        value: mixed(mix, featuresOf(face, typicalNorm)),
      }));
      const { offset, scale } = fitLogistic(samples);
      const of = (measure) => Number((scale * (mix[measure] ?? 0)).toFixed(4));
      const weights = {
        crop: of('crop'),
        probability: of('probability'),
        logUncertainty: of('logUncertainty'),
        norm: of('norm'),
      };
      return [name, { offset: Number(offset.toFixed(4)), ...weights }];
    }),
  );
}

function mixed(mix, features) {
  return Object.entries(mix).reduce((sum, [measure, weight]) => sum + weight * features[measure], 0);
}

function featuresOf({ cropLogit, quality }, { mean, standardDeviation }) {
  const { detectionProbability, landmarkUncertainty = usualUncertainty, embeddingNorm } = quality;
  return {
    crop: within(cropLogitRange, cropLogit),
    probability: detectionProbability - usualProbability,
    logUncertainty: Math.log(within(uncertaintyRange, landmarkUncertainty) / usualUncertainty),
    norm: (embeddingNorm - mean) / standardDeviation,
  };
}

/** Newton's method. @returns offset and scale of the value's logit */
function fitLogistic(samples) {
  let [offset, scale] = [0, 1];
  for (let iteration = 0; iteration < iterations; iteration++) {
    let [gradientOffset, gradientScale, offsets, both, scales] = [0, 0, 1e-6, 0, 1e-6];
    for (const { value, accepted } of samples) {
      const probability = 1 / (1 + Math.exp(-(offset + scale * value)));
      const curvature = probability * (1 - probability);
      gradientOffset += accepted - probability;
      gradientScale += (accepted - probability) * value;
      offsets += curvature;
      both += curvature * value;
      scales += curvature * value * value;
    }
    const determinant = offsets * scales - both * both;
    offset += (scales * gradientOffset - both * gradientScale) / determinant;
    scale += (offsets * gradientScale - both * gradientOffset) / determinant;
  }
  return { offset, scale };
}

/** @param {readonly [least: number, most: number]} range */
function within([least, most], value) {
  return Math.min(Math.max(value, least), most);
}
