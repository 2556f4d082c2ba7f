/** Verification figures of scored pairs, with intervals by drawing persons anew. */
import { uniformGenerator } from '../../dist/core/random/seeded-random.js';

/** The false match rates at which true accept rates are told. */
export const falseMatchRates = [1e-2, 1e-3];

/**
 * Persons drawn with replacement, as many as there are. @returns [draws][persons] how often each was drawn
 */
export function drawsOfPersons(personCount, drawCount, seed = 7) {
  const uniform = uniformGenerator(seed);
  return Array.from({ length: drawCount }, () => {
    const counts = new Uint8Array(personCount);
    for (let draw = 0; draw < personCount; draw++) counts[Math.floor(uniform() * personCount)]++;
    return counts;
  });
}

/**
 * Ranks pairs once, so that figures of every draw take one pass.
 * @param pairs `{ scores, genuine, a, b }`: [n] each; whether it is of one person, and the numbers of both persons
 */
export function rankedPairs({ scores, genuine, a, b }) {
  const order = Uint32Array.from(scores, (_, pair) => pair).sort((x, y) => scores[y] - scores[x]);
  return {
    genuine: Uint8Array.from(order, (pair) => genuine[pair]),
    a: Uint16Array.from(order, (pair) => a[pair]),
    b: Uint16Array.from(order, (pair) => b[pair]),
  };
}

/** @returns [TAR at each of falseMatchRates, EER], in percent, of the persons that were drawn (all once, by default) */
export function figuresOf({ genuine, a, b }, counts) {
  const weights = Float64Array.from(genuine, (isGenuine, pair) => {
    if (counts === undefined) return 1;
    return isGenuine ? counts[a[pair]] : counts[a[pair]] * counts[b[pair]];
  });
  let [genuineTotal, impostorTotal] = [0, 0];
  for (let pair = 0; pair < weights.length; pair++)
    if (genuine[pair]) genuineTotal += weights[pair];
    else impostorTotal += weights[pair];
  let [accepted, falselyAccepted] = [0, 0];
  const rates = falseMatchRates.map(() => 0);
  let [nearest, equalErrorRate] = [Infinity, Number.NaN];
  for (let pair = 0; pair < weights.length; pair++) {
    if (genuine[pair]) accepted += weights[pair];
    else falselyAccepted += weights[pair];
    const [rejected, matched] = [1 - accepted / genuineTotal, falselyAccepted / impostorTotal];
    for (let index = 0; index < rates.length; index++)
      if (matched <= falseMatchRates[index]) rates[index] = 1 - rejected;
    if (Math.abs(rejected - matched) < nearest)
      [nearest, equalErrorRate] = [Math.abs(rejected - matched), (rejected + matched) / 2];
  }
  return [...rates, equalErrorRate].map((value) => 100 * value);
}

/** Mean of lists of figures. */
export function meanFigures(lists) {
  return lists[0].map((_, index) => lists.reduce((sum, list) => sum + list[index], 0) / lists.length);
}

/** @param draws [draws][figures] of differences; @returns [lower, upper] of each, 95 % */
export function intervals(draws) {
  return draws[0].map((_, index) => {
    const sorted = draws.map((list) => list[index]).sort((x, y) => x - y);
    const at = (share) => sorted[Math.round(share * (sorted.length - 1))];
    return [at(0.025), at(0.975)];
  });
}
