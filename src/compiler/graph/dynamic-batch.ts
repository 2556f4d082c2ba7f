import { isDeepStrictEqual } from 'node:util';

import type { Dimension, Graph, GraphNode, ValueInfo } from '../../onnx/graph.js';
import { bytesOf, dataTypeOf, tensorOf, type Tensor } from '../../onnx/tensor.js';
import { BatchDependenceError } from '../errors.js';
import { unrepeated } from './constant.js';
import { GraphBuilder } from './graph-builder.js';

/** The name under which the dynamic extent appears in the dimensions of graph inputs and outputs. */
const BATCH_DIMENSION = 'batch';

/** The graph of a function traced with one batch size. */
export interface BatchTrace {
  readonly batchSize: number;
  readonly graph: Graph;
}

/** A number that depends on the batch size: `factor * batch + offset`, with a factor of 1 or no offset. */
interface BatchTerm {
  readonly factor: number;
  readonly offset: number;
}

/**
 * Joins the traces of one function with two batch sizes into one graph for every batch size. The
 * traces may differ only in constants: shapes, and numbers that are a multiple of the batch size or
 * differ from it by a fixed amount. Those are computed from the input's shape at run time.
 *
 * @throws BatchDependenceError when the traces differ in anything else.
 */
export function joinBatchTraces(first: BatchTrace, second: BatchTrace): Graph {
  requireSameNodes(first.graph, second.graph);
  const joiner = new ConstantJoiner(first, second);
  for (const [name, constant] of first.graph.constants) {
    const other = second.graph.constants.get(name);
    if (other === undefined) throw new BatchDependenceError('other constants are used for other batch sizes');
    joiner.join(name, constant, other);
  }
  const joined = joiner.build();
  const dims = (ports: readonly ValueInfo[], others: readonly ValueInfo[]): ValueInfo[] =>
    ports.map((port, index) => ({ ...port, dims: joinDims(port, others[index], first, second) }));
  return {
    name: first.graph.name,
    inputs: dims(first.graph.inputs, second.graph.inputs),
    outputs: dims(first.graph.outputs, second.graph.outputs),
    nodes: joined.nodes,
    constants: joined.constants,
  };
}

function requireSameNodes(first: Graph, second: Graph): void {
  first.nodes.forEach((node, index) => {
    if (!isDeepStrictEqual(node, second.nodes[index])) {
      throw new BatchDependenceError(
        `the ${node.operator} node ${node.outputs.join()} depends on the batch size`,
      );
    }
  });
  if (first.nodes.length !== second.nodes.length) {
    throw new BatchDependenceError('the number of operations depends on the batch size');
  }
}

function joinDims(
  port: ValueInfo,
  other: ValueInfo | undefined,
  first: BatchTrace,
  second: BatchTrace,
): Dimension[] {
  return (port.dims ?? []).map((extent, axis) => {
    const otherExtent = other?.dims?.[axis];
    if (extent === otherExtent) return extent;
    if (extent === first.batchSize && otherExtent === second.batchSize) return BATCH_DIMENSION;
    // Dimension names have no arithmetic in ONNX: any other dependence is an extent of its own.
    return `${port.name}_${axis}`;
  });
}

function batchTerm(
  value: number,
  other: number,
  first: BatchTrace,
  second: BatchTrace,
): BatchTerm | undefined {
  const factor = value / first.batchSize;
  if (Number.isInteger(factor) && factor * second.batchSize === other) return { factor, offset: 0 };
  const offset = value - first.batchSize;
  if (Number.isInteger(offset) && second.batchSize + offset === other) return { factor: 1, offset };
  return undefined;
}

/** Replaces constants that depend on the batch size by nodes that compute them. */
class ConstantJoiner {
  readonly #first: BatchTrace;
  readonly #second: BatchTrace;
  readonly #constants = new Map<string, Tensor>();
  readonly #replacements = new Map<string, string>();
  readonly #builder = new GraphBuilder(`${BATCH_DIMENSION}/`);
  #batchValue: string | undefined;

  constructor(first: BatchTrace, second: BatchTrace) {
    this.#first = first;
    this.#second = second;
  }

  join(name: string, constant: Tensor, other: Tensor): void {
    const sameDims = isDeepStrictEqual(constant.dims, other.dims);
    if (sameDims && Buffer.compare(bytesOf(constant), bytesOf(other)) === 0) {
      this.#constants.set(name, constant);
      return;
    }
    if (!sameDims) {
      this.#replacements.set(name, this.#expanded(constant, other));
    } else if (constant.elementType === 'int64' && constant.dims.length === 1) {
      this.#joinIntegers(name, constant, other);
    } else if (constant.elements.length === 1) {
      this.#replacements.set(name, this.#scalar(constant, other));
    } else {
      throw new BatchDependenceError(
        `the elements of a constant of shape [${constant.dims.join()}] depend on it`,
      );
    }
  }

  build(): Pick<Graph, 'nodes' | 'constants'> {
    const added = this.#builder.build();
    const rename = (name: string): string => this.#replacements.get(name) ?? name;
    const nodes = this.#first.graph.nodes.map((node) => ({ ...node, inputs: node.inputs.map(rename) }));
    return {
      nodes: [...added.nodes, ...nodes],
      constants: new Map([...this.#constants, ...added.constants]),
    };
  }

  #joinIntegers(name: string, constant: Tensor, other: Tensor): void {
    const values = Array.from(constant.elements, Number);
    const terms = values.map((value, index) => this.#term(value, Number(other.elements[index])));
    const dynamicCount = terms.filter((term) => typeof term !== 'number').length;
    // Reshape deduces one extent itself, which is cheaper and leaves the shape known to ONNX Runtime.
    if (dynamicCount === 1 && !values.includes(0) && isOnlyReshapeTarget(name, this.#first.graph.nodes)) {
      const target = terms.map((term) => (typeof term === 'number' ? term : -1));
      this.#constants.set(name, tensorOf(target, [target.length], 'int64'));
      return;
    }
    this.#replacements.set(name, this.#vector(terms));
  }

  /** A constant repeated along axes whose extents depend on the batch size, such as `tf.zeros([batch, 4])`. */
  #expanded(constant: Tensor, other: Tensor): string {
    const axes = constant.dims.flatMap((extent, axis) => (extent === other.dims[axis] ? [] : [axis]));
    const element = unrepeated(constant, axes);
    const otherElement = unrepeated(other, axes);
    if (element === undefined || !isDeepStrictEqual(element, otherElement)) {
      throw new BatchDependenceError(
        `the extents of a constant of shape [${constant.dims.join()}] depend on it`,
      );
    }
    const terms = constant.dims.map((extent, axis) => this.#term(extent, other.dims[axis] ?? extent));
    return this.#builder.node('Expand', [this.#builder.constant(element), this.#vector(terms)]);
  }

  #scalar(constant: Tensor, other: Tensor): string {
    const term = this.#vector([this.#term(Number(constant.elements[0]), Number(other.elements[0]))]);
    const cast = this.#builder.node('Cast', [term], { to: dataTypeOf(constant.elementType) });
    return this.#builder.reshape(cast, constant.dims);
  }

  #term(value: number, other: number): number | BatchTerm {
    if (value === other) return value;
    const term = batchTerm(value, other, this.#first, this.#second);
    if (term === undefined) {
      throw new BatchDependenceError(
        `the number ${value} is neither a multiple of it nor at a fixed distance`,
      );
    }
    return term;
  }

  #vector(terms: readonly (number | BatchTerm)[]): string {
    const parts = terms.map((term) => {
      if (typeof term === 'number') return this.#builder.integers([term]);
      const { factor, offset } = term;
      const batch = this.#batch();
      if (factor !== 1) return this.#builder.node('Mul', [batch, this.#builder.integers([factor])]);
      if (offset !== 0) return this.#builder.node('Add', [batch, this.#builder.integers([offset])]);
      return batch;
    });
    return this.#builder.node('Concat', parts, { axis: 0 });
  }

  #batch(): string {
    if (this.#batchValue !== undefined) return this.#batchValue;
    const index = this.#first.graph.inputs.findIndex(
      ({ dims }, position) => dims?.[0] !== this.#second.graph.inputs[position]?.dims?.[0],
    );
    const input = this.#first.graph.inputs[index];
    if (input === undefined) throw new BatchDependenceError('no input has a dynamic batch');
    this.#batchValue = this.#builder.node('Shape', [input.name], { start: 0, end: 1 });
    return this.#batchValue;
  }
}

function isOnlyReshapeTarget(name: string, nodes: readonly GraphNode[]): boolean {
  return nodes.every(
    ({ operator, inputs }) =>
      !inputs.includes(name) || (operator === 'Reshape' && inputs.indexOf(name) === 1),
  );
}
