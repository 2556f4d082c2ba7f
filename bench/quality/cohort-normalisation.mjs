/** Score normalisation against a cohort of other persons, without and with the projection of retraining. */
import { fitWithinClassWhitening, projected } from '../../dist/learning/projection/within-class-whitening.js';
import { l2Normalise } from '../../dist/core/verification/similarity.js';
import { dotProduct, groupedBy } from './face-rows.mjs';

/** The most similar faces of the cohort that AS-norm goes by. */
const adaptiveFaces = 100;

/** The shrinkage that retraining tries first (src/training/choice). */
const shrinkage = 3;

/**
 * All pairs of faces of one kind of the test persons, scored in every way.
 * @param cohort faces of other persons @param faces those to compare
 * @returns `{ pairs: { genuine, a, b }, arms: Map of name to scores }`
 */
export function normalisedScores(cohort, faces) {
  const persons = [...groupedBy(faces, ({ identity }) => identity).keys()];
  const personOf = faces.map(({ identity }) => persons.indexOf(identity));
  const places = allPairs(faces.length);
  const arms = new Map();
  for (const [name, project] of Object.entries({
    embeddings: (list) => list.map(({ embedding }) => embedding),
    projection: projectionOf(cohort),
  }))
    for (const [arm, scores] of normalisedArms(project(cohort), project(faces), places))
      arms.set(`${name}${arm}`, scores);
  const [a, b] = [0, 1].map((side) => places.map((pair) => personOf[pair[side]]));
  return { persons, pairs: { a, b, genuine: a.map((person, pair) => person === b[pair]) }, arms };
}

function projectionOf(cohort) {
  const labels = cohort.map(({ identity }) => identity);
  const dimension = cohort[0].embedding.length;
  const rows = new Float32Array(cohort.length * dimension);
  for (const [row, { embedding }] of cohort.entries()) rows.set(embedding, row * dimension);
  const projection = fitWithinClassWhitening(rows, labels, { shrinkage });
  return (list) => list.map(({ embedding }) => l2Normalise(projected(embedding, projection)));
}

function normalisedArms(cohort, faces, places) {
  const againstCohort = faces.map((face) =>
    Float64Array.from(cohort, (other) => dotProduct(face, other))
      .sort()
      .reverse(),
  );
  const all = againstCohort.map(spreadOf);
  const nearest = againstCohort.map((scores) => spreadOf(scores.subarray(0, adaptiveFaces)));
  const plain = places.map(([a, b]) => dotProduct(faces[a], faces[b]));
  const normalised = (spreads, sides) =>
    places.map((pair, index) => {
      const values = sides.map(
        (side) => (plain[index] - spreads[pair[side]].mean) / spreads[pair[side]].deviation,
      );
      return values.reduce((sum, value) => sum + value, 0) / sides.length;
    });
  return [
    ['', plain],
    [', Z-norm', normalised(all, [0])],
    [', S-norm', normalised(all, [0, 1])],
    [`, AS-norm (${adaptiveFaces})`, normalised(nearest, [0, 1])],
  ];
}

function spreadOf(scores) {
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const variance = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / scores.length;
  return { mean, deviation: Math.sqrt(variance) };
}

function allPairs(count) {
  return Array.from({ length: count }, (_, a) =>
    Array.from({ length: count - a - 1 }, (_unused, other) => [a, a + 1 + other]),
  ).flat();
}
