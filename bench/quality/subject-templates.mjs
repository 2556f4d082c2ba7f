/** Rules that make one score of a photograph and the several faces of a subject. */
import { expectedImpostorSimilarity } from '../../dist/core/faces/quality/expected-impostor-similarity.js';
import { bandOf } from '../../dist/core/protocols/calibration/threshold-bands.js';
import { shuffle, uniformGenerator } from '../../dist/core/random/seeded-random.js';
import { drawn, seedOf } from '../../dist/datasets/degradation/random-numbers.js';
import { dotProduct, groupedBy } from './face-rows.mjs';

const mostProbes = 9;

/** Harder pairs than all bands never match. */
const beyondThreshold = 9;

const equally = () => 1;
const byUtility = ({ quality }) => quality.utility + 1e-3;
const byFrontness = ({ rho }) => rho;

/** The power of the service's own templates (src/core/verification/template-similarity.ts). */
const templatePower = 0.75;

/**
 * What a face weighs, and the power of the mean embedding's length that the similarity is divided by.
 * @type {Record<string, [weightOf: (face) => number, power: number]>}
 */
const rules = {
  'mean of the similarities': [equally, 0],
  'template (MEAN)': [equally, templatePower],
  'cosine to the mean': [equally, 1],
  'template by utility': [byUtility, templatePower],
  'template by ρ': [byFrontness, templatePower],
  'template by ρ · utility': [(face) => byFrontness(face) * byUtility(face), templatePower],
};

/** @typedef {{ isEnrolled: (face) => boolean, isProbe: (face) => boolean }} Sides which faces may be on which */

/**
 * Subjects of `enrolled` photographs each, and the other photographs of these persons as probes; no photograph is on both sides, nor a copy.
 * @param {{ enrolled: number, seed: number } & Sides} choice
 * @returns `{ subjects: [{ identity, faces }], probes }`
 */
export function drawnSubjects(faces, choice) {
  const { enrolled, seed, isEnrolled, isProbe } = choice;
  const [subjects, probes] = [[], []];
  for (const [identity, own] of groupedBy(faces, (face) => face.identity)) {
    const uniform = uniformGenerator(seedOf(seed, identity));
    const copies = groupedBy(own.filter(isEnrolled), ({ image }) => image);
    const images = shuffle([...copies.keys()], uniform).slice(0, enrolled);
    if (copies.size <= enrolled) continue;
    subjects.push({ identity, faces: images.map((image) => drawn(uniform, copies.get(image))) });
    const others = own.filter((face) => isProbe(face) && !images.includes(face.image));
    probes.push(...shuffle(others, uniform).slice(0, mostProbes));
  }
  return { subjects, probes };
}

/**
 * Every probe against every subject by every rule, as far above the threshold as the rule says.
 * @param bands of the false match rate that is asked for
 * @returns Map of the rule's name to the margins [probes * subjects]; rules that a face lacks the measure for are left out
 */
export function marginsOf({ subjects, probes }, bands) {
  const templates = subjects.map(({ faces }) => ({ faces, byRule: templatesOf(faces) }));
  const margins = new Map();
  const add = (name, margin) => {
    if (!margins.has(name)) margins.set(name, []);
    margins.get(name).push(margin);
  };
  for (const probe of probes) {
    for (const { faces, byRule } of templates) {
      const compared = faces.map((face) => comparison(probe, face, bands));
      add('best margin (BEST)', Math.max(...compared.map(({ margin }) => margin)));
      for (const [name, { shares, divisor }] of Object.entries(byRule)) {
        const similarity = compared.reduce((sum, pair, index) => sum + shares[index] * pair.similarity, 0);
        const threshold = compared.reduce((sum, pair, index) => sum + shares[index] * pair.threshold, 0);
        add(name, similarity / divisor - threshold);
      }
    }
  }
  return new Map([...margins].filter(([, list]) => list.every((margin) => !Number.isNaN(margin))));
}

function comparison(probe, face, bands) {
  const expected = expectedImpostorSimilarity(probe.appearance, face.appearance);
  const threshold = bandOf(bands, expected)?.similarityThreshold ?? beyondThreshold;
  const similarity = dotProduct(probe.embedding, face.embedding);
  return { similarity, threshold, margin: similarity - threshold };
}

/** By each rule: the shares of the faces, and what similarities are divided by. */
function templatesOf(faces) {
  return Object.fromEntries(
    Object.entries(rules).map(([name, [weightOf, power]]) => {
      const weights = faces.map(weightOf);
      const total = weights.reduce((sum, weight) => sum + weight, 0);
      const shares = weights.map((weight) => weight / total);
      const mean = faces[0].embedding.map((_, axis) =>
        faces.reduce((sum, { embedding }, index) => sum + shares[index] * embedding[axis], 0),
      );
      return [name, { shares, divisor: Math.sqrt(dotProduct(mean, mean)) ** power }];
    }),
  );
}
