/**
 * Figures of all pairs of faces, and their intervals by the bootstrap over persons (src/core/protocols/metrics/identity-bootstrap.ts): persons
 * are drawn with replacement, a genuine pair counts as often as its person was drawn, an impostor pair as often as both were.
 */
import { weighedSample } from '../../dist/core/protocols/choice/all-pairs.js';
import { percentileInterval, personDraws } from '../../dist/core/protocols/metrics/identity-bootstrap.js';

const bootstrap = { replicates: 1000, seed: 20_240_916 };

/**
 * All pairs of faces, the most similar first.
 * @param embeddings unit vectors
 * @param labels whom each shows
 * @returns `{ similarities, first, second, persons, faceCounts }`; `first` and `second` are the persons of each pair by their number
 */
export function rankedPairs(embeddings, labels) {
  const names = [...new Set(labels)].sort();
  const numberOf = new Map(names.map((name, index) => [name, index]));
  const person = Int32Array.from(labels, (name) => numberOf.get(name));
  const faceCounts = new Int32Array(names.length);
  for (const number of person) faceCounts[number]++;
  const count = (person.length * (person.length - 1)) / 2;
  const unsorted = new Float32Array(count);
  const [a, b] = [new Int32Array(count), new Int32Array(count)];
  for (let i = 0, pair = 0; i < person.length; i++) {
    for (let j = i + 1; j < person.length; j++, pair++) {
      unsorted[pair] = dot(embeddings[i], embeddings[j]);
      [a[pair], b[pair]] = [person[i], person[j]];
    }
  }
  const order = Int32Array.from(unsorted, (_, pair) => pair).sort((x, y) => unsorted[y] - unsorted[x]);
  return {
    similarities: Float32Array.from(order, (pair) => unsorted[pair]),
    first: Int32Array.from(order, (pair) => a[pair]),
    second: Int32Array.from(order, (pair) => b[pair]),
    faceCounts,
  };
}

/**
 * EER and TAR at a false match rate, as they are and in samples of the persons, which are the same for all pairs of the same faces.
 * @returns `{ eer, tar, genuinePairs, impostorPairs, samples }`; samples: [{ eer, tar }]
 */
export function personFigures(pairs, falseMatchRate) {
  if (!(falseMatchRate > 0)) throw new RangeError(`${falseMatchRate} is no false match rate`);
  const once = new Float64Array(pairs.faceCounts.length).fill(1);
  const figures = figuresOf(pairs, once, falseMatchRate);
  const draws = [...personDraws(once.length, bootstrap.replicates, bootstrap.seed)];
  const samples = draws.map((drawn) => figuresOf(pairs, drawn, falseMatchRate));
  return { ...figures, samples };
}

/** 95 % interval of a figure. */
export function intervalOf({ samples }, name) {
  return percentileInterval(samples.map((sample) => sample[name]));
}

/** After less before, with its 95 % interval by the same samples of persons. */
export function differenceOf(before, after, name) {
  const differences = after.samples.map((sample, index) => sample[name] - before.samples[index][name]);
  return { difference: after[name] - before[name], interval: percentileInterval(differences) };
}

/** A walk from the most similar pair on, which ends where both figures are known. @param drawn how often each person counts */
function figuresOf({ similarities, first, second, faceCounts }, drawn, falseMatchRate) {
  const { genuineWeight: genuine, impostorWeight: impostor } = weighedSample(drawn, faceCounts);
  // Counts are whole; a rate of 3 in 3,000 must not fail to be 1e-3 for its last bit.
  const limit = falseMatchRate * impostor * (1 + 1e-12);
  let [matches, falseMatches, tar, eer, missesBefore, rateBefore] = [0, 0, 0, undefined, 1, 0];
  for (let pair = 0; pair < similarities.length && (eer === undefined || falseMatches <= limit);) {
    const similarity = similarities[pair];
    for (; pair < similarities.length && similarities[pair] === similarity; pair++) {
      const [a, b] = [first[pair], second[pair]];
      if (a === b) matches += drawn[a];
      else falseMatches += drawn[a] * drawn[b];
    }
    if (falseMatches <= limit) tar = matches / genuine;
    const [rate, misses] = [falseMatches / impostor, 1 - matches / genuine];
    if (eer === undefined && rate >= misses) {
      const closing = rate - rateBefore + (missesBefore - misses);
      eer = rateBefore + (closing === 0 ? 0 : (missesBefore - rateBefore) / closing) * (rate - rateBefore);
    }
    [rateBefore, missesBefore] = [rate, misses];
  }
  return { eer, tar, genuinePairs: genuine, impostorPairs: impostor };
}

function dot(a, b) {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += a[index] * b[index];
  return sum;
}
