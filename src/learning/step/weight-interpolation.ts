import type { WeightArray, Weights } from '../../core/models/weights.js';

/**
 * Weights between those that a training started from and those that it came to: start + share · (trained - start), array by
 * array (Wortsman et al., "Robust fine-tuning of zero-shot models", CVPR 2022, section 3). What little data taught is kept in
 * part, and what the network knew of all that is not in it is mostly kept.
 *
 * @param share 0: the start, 1: what was trained
 * @throws RangeError where one has an array that the other has not
 */
export function interpolatedWeights(start: Weights, trained: Weights, share: number): Weights {
  return new Map(
    Array.from(trained, ([name, { shape, values }]): [string, WeightArray] => {
      const before = start.get(name)?.values;
      if (before?.length !== values.length)
        throw new RangeError(`the weights that were started from have no ${name} of this size`);
      return [name, { shape, values: values.map((value, index) => lerp(before[index] ?? 0, value, share)) }];
    }),
  );
}

function lerp(from: number, to: number, share: number): number {
  return from + share * (to - from);
}
