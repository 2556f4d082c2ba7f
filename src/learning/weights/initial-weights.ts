import { uniformGenerator } from '../../core/random/seeded-random.js';
import type { WeightArray, Weights } from '../../core/models/weights.js';
import type { Backbone } from '../backbones/backbone.js';
import type { Initialiser } from '../layers/layer.js';

/**
 * First values of a backbone's parameters and statistics. Each depends on the seed and its own name alone, so that
 * adding a layer, or another embedding size, leaves the others as they were.
 */
export function initialWeights(backbone: Pick<Backbone, 'parameters' | 'statistics'>, seed: number): Weights {
  const weights = new Map<string, WeightArray>();
  for (const { name, shape, initialiser } of backbone.parameters) {
    weights.set(name, { shape, values: draw(initialiser, shape, hash(name, seed)) });
  }
  for (const { name, shape, initialValue } of backbone.statistics) {
    weights.set(name, { shape, values: new Float32Array(sizeOf(shape)).fill(initialValue) });
  }
  return weights;
}

function draw(initialiser: Initialiser, shape: readonly number[], seed: number): Float32Array {
  const values = new Float32Array(sizeOf(shape));
  const uniform = uniformGenerator(seed);
  switch (initialiser.distribution) {
    case 'constant':
      return values.fill(initialiser.value);
    case 'uniform':
      return values.map(() => initialiser.limit * (2 * uniform() - 1));
    case 'normal':
      return fillNormally(values, initialiser.standardDeviation, uniform);
    case 'unit-columns':
      return withUnitColumns(
        values.map(() => 2 * uniform() - 1),
        shape.at(-1) ?? 1,
      );
  }
}

/** A matrix of `columns` columns, row after row, with each column divided by its Euclidean length. */
function withUnitColumns(values: Float32Array, columns: number): Float32Array {
  const squares = new Float64Array(columns);
  for (const [index, value] of values.entries())
    squares[index % columns] = (squares[index % columns] ?? 0) + value * value;
  return values.map((value, index) => value / Math.sqrt(squares[index % columns] ?? 1));
}

/** Box and Muller's transform: two independent normal numbers from two uniform ones. */
function fillNormally(values: Float32Array, standardDeviation: number, uniform: () => number): Float32Array {
  for (let index = 0; index < values.length; index += 2) {
    // 1 - u lies in (0, 1]: its logarithm is finite.
    const radius = standardDeviation * Math.sqrt(-2 * Math.log(1 - uniform()));
    const angle = 2 * Math.PI * uniform();
    values[index] = radius * Math.cos(angle);
    if (index + 1 < values.length) values[index + 1] = radius * Math.sin(angle);
  }
  return values;
}

/** FNV-1a of the name, begun with the seed. */
function hash(name: string, seed: number): number {
  let state = (0x811c9dc5 ^ seed) >>> 0;
  for (const character of name) state = Math.imul(state ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return state;
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}
