import type { Graph } from './graph.js';
import type { Tensor } from './tensor.js';

/** The bits of a float that say its magnitude, and those of its exponent: a denormal has no exponent. */
const MAGNITUDE_BITS = 0x7fffffff;
const EXPONENT_BITS = 0x7f800000;

/**
 * The same graph with 0 in the place of denormal weights, which training leaves behind where weights decay: less than 2^-126, they
 * change no output, and processors compute with them many times as slowly. The graph itself where it has none.
 */
export function withoutDenormals(graph: Graph): Graph {
  const changed = [...graph.constants].flatMap(([name, tensor]): [string, Tensor][] => {
    const { elements } = tensor;
    if (!(elements instanceof Float32Array)) return [];
    const flushed = flushDenormals(elements);
    return flushed === elements ? [] : [[name, { ...tensor, elements: flushed }]];
  });
  return changed.length === 0 ? graph : { ...graph, constants: new Map([...graph.constants, ...changed]) };
}

/**
 * Weights with 0 in the place of denormals; the array itself where it has none. They are told by their bits: where ONNX Runtime was
 * told to take them for 0, the processor compares them so, too.
 */
function flushDenormals(values: Float32Array): Float32Array {
  const bits = new Uint32Array(values.buffer, values.byteOffset, values.length);
  if (!bits.some(isDenormal)) return values;
  return new Float32Array(bits.map((value) => (isDenormal(value) ? 0 : value)).buffer);
}

function isDenormal(bits: number): boolean {
  return (bits & EXPONENT_BITS) === 0 && (bits & MAGNITUDE_BITS) !== 0;
}
