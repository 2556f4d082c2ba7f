import { cosineSimilarity } from '../../dist/core/verification/similarity.js';

/**
 * Similarities of all pairs, ascending.
 * @param faces [{ identity, embedding }]
 */
export function allPairs(faces) {
  const genuine = [];
  const impostor = [];
  for (let i = 0; i < faces.length; i++) {
    for (let j = 0; j < i; j++) {
      const similarity = cosineSimilarity(faces[i].embedding, faces[j].embedding);
      (faces[i].identity === faces[j].identity ? genuine : impostor).push(similarity);
    }
  }
  const ascending = (values) => Float64Array.from(values).sort();
  return { genuine: ascending(genuine), impostor: ascending(impostor) };
}

/** The similarity that a share `falseMatchRate` of the impostor pairs reaches. */
export function thresholdAt(impostor, falseMatchRate) {
  return impostor[Math.min(impostor.length - 1, Math.floor(impostor.length * (1 - falseMatchRate)))];
}

export function shareAtOrAbove(values, threshold) {
  return values.filter((value) => value >= threshold).length / values.length;
}
