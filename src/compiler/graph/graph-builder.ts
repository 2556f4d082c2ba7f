import type { Attributes, Dimension, Graph, GraphNode, ValueInfo } from '../../onnx/graph.js';
import { elementCount, tensorOf, type ElementType, type Tensor } from '../../onnx/tensor.js';
import { STANDARD_ONNX, type CompilationTarget } from '../target.js';
import { transposeConstant } from './constant.js';

/** Ranges along axes, one an axis; negative ones as ONNX has them. */
export interface Slice {
  readonly axes: readonly number[];
  readonly starts: readonly number[];
  readonly ends: readonly number[];
  readonly steps?: readonly number[];
}

/**
 * Records a graph node by node. Value names count up from the start, so two recordings of the same
 * calls name their values alike, which is what lets them be compared (see dynamic-batch.ts).
 */
export class GraphBuilder {
  readonly #inputs: ValueInfo[] = [];
  readonly #outputs: ValueInfo[] = [];
  readonly #nodes: GraphNode[] = [];
  readonly #constants = new Map<string, Tensor>();
  readonly #namePrefix: string;
  /** What the graph is written for: rules may depend on it. */
  readonly target: CompilationTarget;
  #valueCount = 0;

  constructor(namePrefix = '', target = STANDARD_ONNX) {
    this.target = target;
    this.#namePrefix = namePrefix;
  }

  input(name: string, elementType: ElementType, dims: readonly Dimension[]): string {
    this.#inputs.push({ name, elementType, dims });
    return name;
  }

  /** Makes `value` available as the graph output `name`. */
  output(name: string, value: string, elementType: ElementType, dims: readonly Dimension[]): void {
    this.#outputs.push({ name, elementType, dims });
    this.#add('Identity', [value], [name]);
  }

  constant(constant: Tensor): string {
    const name = this.#nextName('constant');
    this.#constants.set(name, constant);
    return name;
  }

  /** A vector of 64-bit integers, the form in which ONNX operators take shapes and axes. */
  integers(values: readonly number[]): string {
    return this.constant(tensorOf(values, [values.length], 'int64'));
  }

  scalar(value: number, elementType: ElementType): string {
    return this.constant(tensorOf([value], [], elementType));
  }

  /** The elements of a value known at compile time, undefined for one computed at run time. */
  constantOf(value: string): Tensor | undefined {
    return this.#constants.get(value);
  }

  /** Adds a node with one output and returns the output's name. */
  node(opType: string, inputs: readonly string[], attributes: Attributes = {}, domain = ''): string {
    const output = this.#nextName(opType);
    this.#add(opType, inputs, [output], attributes, domain);
    return output;
  }

  /** Adds a node with several outputs and returns their names. */
  multiOutputNode(
    opType: string,
    inputs: readonly string[],
    outputCount: number,
    attributes: Attributes = {},
  ): string[] {
    const outputs = Array.from({ length: outputCount }, () => this.#nextName(opType));
    this.#add(opType, inputs, outputs, attributes);
    return outputs;
  }

  /** Axis `p` of the result is axis `permutation[p]` of the operand; done now if the operand is constant. */
  transpose(value: string, permutation: readonly number[]): string {
    const constant = this.#constants.get(value);
    if (constant !== undefined) return this.constant(transposeConstant(constant, permutation));
    return this.node('Transpose', [value], { perm: permutation });
  }

  /**
   * Gives the same elements in row-major order other extents; that is done now if the operand is constant.
   */
  reshape(value: string, dims: readonly number[]): string {
    const constant = this.#constants.get(value);
    if (constant !== undefined && elementCount(dims) === elementCount(constant.dims)) {
      return this.constant({ ...constant, dims });
    }
    return this.node('Reshape', [value, this.integers(dims)]);
  }

  /** Along each of some axes the positions `start`, `start + step` (default: 1), ... up to and without `end`. */
  slice(value: string, { axes, starts, ends, steps }: Slice): string {
    const ranges = [starts, ends, axes, ...(steps === undefined ? [] : [steps])];
    return this.node('Slice', [value, ...ranges.map((numbers) => this.integers(numbers))]);
  }

  build(): Graph {
    return {
      name: '',
      inputs: this.#inputs,
      outputs: this.#outputs,
      nodes: this.#nodes,
      constants: this.#constants,
    };
  }

  #add(
    operator: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: Attributes = {},
    domain = '',
  ): void {
    this.#nodes.push({ name: '', operator, domain, inputs, outputs, attributes });
  }

  #nextName(kind: string): string {
    // The colon keeps generated names apart from the input and output names a caller may choose.
    return `${this.#namePrefix}${kind}:${this.#valueCount++}`;
  }
}
