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
  const crop = coefficientsOf(fitLogistic(samples, 2));
  const detected = coefficientsOf(fitLogistic(samples, 4));
  const all = coefficientsOf(fitLogistic(samples, 5));
  return {
    crop,
    detected,
    embedded: { ...all, probability: 0, logUncertainty: 0 },
    'detected and embedded': all,
  };
}

function featuresOf({ cropLogit, quality }, { mean, standardDeviation }) {
  const { detectionProbability, landmarkUncertainty = usualUncertainty, embeddingNorm } = quality;
  return [
    1,
    within(cropLogitRange, cropLogit),
    detectionProbability - usualProbability,
    Math.log(within(uncertaintyRange, landmarkUncertainty) / usualUncertainty),
    (embeddingNorm - mean) / standardDeviation,
  ];
}

function coefficientsOf([offset, crop, probability = 0, logUncertainty = 0, norm = 0]) {
  const rounded = (value) => Number(value.toFixed(4));
  return {
    offset: rounded(offset),
    crop: rounded(crop),
    probability: rounded(probability),
    logUncertainty: rounded(logUncertainty),
    norm: rounded(norm),
  };
}

/** Newton's method on the first `count` features. @returns their weights */
function fitLogistic(samples, count) {
  const weights = new Float64Array(count);
  for (let iteration = 0; iteration < iterations; iteration++) {
    const curvature = Array.from({ length: count }, (_, row) => {
      const values = new Float64Array(count);
      values[row] = ridge;
      return values;
    });
    const gradient = new Float64Array(count);
    for (const { features, accepted } of samples) {
      const logit = weights.reduce((sum, weight, index) => sum + weight * features[index], 0);
      const probability = 1 / (1 + Math.exp(-logit));
      for (let row = 0; row < count; row++) {
        gradient[row] += (accepted - probability) * features[row];
        for (let column = 0; column < count; column++)
          curvature[row][column] += probability * (1 - probability) * features[row] * features[column];
      }
    }
    const step = solved(curvature, gradient);
    for (const [index, value] of step.entries()) weights[index] += value;
  }
  return [...weights];
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
