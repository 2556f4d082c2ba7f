import type { WeightArray, Weights } from '../../core/models/weights.js';

/**
 * The mean of the weights of several networks, array by array: the uniform soup of Wortsman et al., "Model soups" (ICML 2022,
 * section 2). Networks that were trained on from the same weights lie in one valley of the loss, so that their mean does
 * about as well as all of them asked together, at the price of one.
 *
 * @param networks of one backbone; one or more
 * @throws RangeError where one has an array that another has not, or of another shape
 */
export function meanWeights(networks: readonly Weights[]): Weights {
  const [first, ...others] = networks;
  if (first === undefined) throw new RangeError('there are no weights to take the mean of');
  for (const { size } of others) {
    if (size !== first.size) throw new RangeError(`one network has ${first.size} arrays and another ${size}`);
  }
  return new Map(
    Array.from(first, ([name, { shape }]): [string, WeightArray] => {
      const arrays = networks.map((weights) => arrayOf(weights, name, shape));
      const values = Float32Array.from(arrays[0] ?? [], (_, index) => meanAt(arrays, index));
      return [name, { shape, values }];
    }),
  );
}

function arrayOf(weights: Weights, name: string, shape: readonly number[]): Float32Array {
  const array = weights.get(name);
  if (array?.shape.join() === shape.join()) return array.values;
  throw new RangeError(`one network has no ${name} of the shape [${shape.join(', ')}], which another has`);
}

function meanAt(arrays: readonly Float32Array[], index: number): number {
  return arrays.reduce((sum, values) => sum + (values[index] ?? 0), 0) / arrays.length;
}
