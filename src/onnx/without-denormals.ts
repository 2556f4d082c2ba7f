import type { Graph } from './graph.js';
import type { Tensor } from './tensor.js';

/** The least positive float that has all its digits, 2^-126; processors compute with smaller ones many times as slowly. */
const LEAST_NORMAL = 2 ** -126;

/**
 * The same graph with 0 in the place of denormal weights, which training leaves behind where weights decay: less than 1.2e-38,
 * they change no output. The graph itself where it has none.
 */
export function withoutDenormals(graph: Graph): Graph {
  const changed = [...graph.constants].filter(([, tensor]) => hasDenormals(tensor));
  if (changed.length === 0) return graph;
  const constants = new Map(graph.constants);
  for (const [name, tensor] of changed) constants.set(name, flushed(tensor));
  return { ...graph, constants };
}

/** Weights without denormals; the array itself where it has none. */
export function flushDenormals(values: Float32Array): Float32Array {
  return values.some(isDenormal) ? values.map((value) => (isDenormal(value) ? 0 : value)) : values;
}

function hasDenormals({ elements }: Tensor): boolean {
  return elements instanceof Float32Array && elements.some(isDenormal);
}

function flushed(tensor: Tensor): Tensor {
  const { elements } = tensor;
  return elements instanceof Float32Array ? { ...tensor, elements: flushDenormals(elements) } : tensor;
}

function isDenormal(value: number): boolean {
  return value !== 0 && Math.abs(value) < LEAST_NORMAL;
}
