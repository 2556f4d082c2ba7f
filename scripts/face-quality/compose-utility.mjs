/** Logistic regressions that make a face's utility of what the crop, the detector and the embedding say. */

/** What src/core/faces/quality/face-utility.ts counts from, and how far it believes the measures. */
const usualProbability = 0.85;
const usualUncertainty = 0.03;
const uncertaintyRange = [0.004, 0.4];
const cropLogitRange = [-6, 6];
const iterations = 40;
const ridge = 1e-3;

/**
 * @param faces [{ cropLogit, accepted, quality }]; those whose `accepted` is undefined are passed over
 * @param typicalNorm { mean, standardDeviation } of the backbone's raw embeddings
 * @returns the table of coefficients of face-utility.ts
 */
export function composeUtility(faces, typicalNorm) {
  const samples = faces
    .filter(({ accepted }) => accepted !== undefined)
    .map((face) => ({ accepted: face.accepted, features: featuresOf(face, typicalNorm) }));
  const fitted = (names) => coefficientsOf(names, fitLogistic(samples, names));
  return {
    crop: fitted(['offset', 'crop']),
    detected: fitted(['offset', 'crop', 'probability', 'logUncertainty']),
    embedded: fitted(['offset', 'crop', 'norm']),
    'detected and embedded': fitted(['offset', 'crop', 'probability', 'logUncertainty', 'norm']),
  };
}

function featuresOf({ cropLogit, quality }, { mean, standardDeviation }) {
  const { detectionProbability, landmarkUncertainty = usualUncertainty, embeddingNorm } = quality;
  return {
    offset: 1,
    crop: within(cropLogitRange, cropLogit),
    probability: detectionProbability - usualProbability,
    logUncertainty: Math.log(within(uncertaintyRange, landmarkUncertainty) / usualUncertainty),
    norm: (embeddingNorm - mean) / standardDeviation,
  };
}

/** Those of face-utility.ts, 0 for what is not known. */
function coefficientsOf(names, weights) {
  const of = (name) => (names.includes(name) ? Number(weights[names.indexOf(name)].toFixed(4)) : 0);
  return {
    offset: of('offset'),
    crop: of('crop'),
    probability: of('probability'),
    logUncertainty: of('logUncertainty'),
    norm: of('norm'),
  };
}

/** Newton's method on the features of these names. @returns their weights */
function fitLogistic(samples, names) {
  const count = names.length;
  const weights = new Float64Array(count);
  const known = samples.map(({ features, accepted }) => ({
    accepted,
    values: names.map((name) => features[name]),
  }));
  for (let iteration = 0; iteration < iterations; iteration++) {
    const { curvature, gradient } = derivatives(known, weights);
    for (const [index, value] of solved(curvature, gradient).entries()) weights[index] += value;
  }
  return [...weights];
}

function derivatives(samples, weights) {
  const count = weights.length;
  const gradient = new Float64Array(count);
  const curvature = Array.from({ length: count }, () => new Float64Array(count));
  for (const [index, row] of curvature.entries()) row[index] = ridge;
  for (const { values, accepted } of samples) {
    const logit = weights.reduce((sum, weight, index) => sum + weight * values[index], 0);
    const probability = 1 / (1 + Math.exp(-logit));
    for (let row = 0; row < count; row++) {
      gradient[row] += (accepted - probability) * values[row];
      for (let column = 0; column < count; column++)
        curvature[row][column] += probability * (1 - probability) * values[row] * values[column];
    }
  }
  return { curvature, gradient };
}

/** Gaussian elimination; the matrix is positive definite, so no rows change places. */
function solved(matrix, right) {
  const size = right.length;
  const rows = matrix.map((row, index) => [...row, right[index]]);
  for (let pivot = 0; pivot < size; pivot++) {
    for (let below = pivot + 1; below < size; below++) {
      const factor = rows[below][pivot] / rows[pivot][pivot];
      for (let column = pivot; column <= size; column++) rows[below][column] -= factor * rows[pivot][column];
    }
  }
  const solution = new Float64Array(size);
  for (let row = size - 1; row >= 0; row--) {
    const known = solution.reduce(
      (sum, value, column) => sum + (column > row ? rows[row][column] * value : 0),
      0,
    );
    solution[row] = (rows[row][size] - known) / rows[row][row];
  }
  return solution;
}

function within([least, most], value) {
  return Math.min(Math.max(value, least), most);
}
