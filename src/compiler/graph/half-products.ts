import { dataTypeOf } from '../../onnx/tensor.js';
import type { Graph, GraphNode } from '../../onnx/graph.js';
import type { CompilationTarget } from '../target.js';
import { removeUnused } from './simplify.js';

/** What a network's time goes to, and what GPUs compute many times as fast in 16 bits. All that they take are floats. */
const PRODUCTS: ReadonlySet<string> = new Set(['Conv', 'ConvTranspose', 'MatMul', 'Gemm']);
/** What only moves the numbers of its first input: it is done in what they are there in. */
const MOVES: ReadonlySet<string> = new Set(['Transpose', 'Reshape', 'Slice', 'Squeeze', 'Unsqueeze']);

const HALF = dataTypeOf('float16');
const SINGLE = dataTypeOf('float32');

/**
 * The same graph with its products in 16-bit floats, which sums, norms and all that is kept are not (mixed precision,
 * Micikevicius et al., arXiv 1710.03740): what products take is rounded to 16 bits, and what comes out is 32 bits again for whatever
 * is no product. The graph's inputs and outputs are as they were.
 *
 * @param halves see {@link CompilationTarget.halfProducts}
 */
export function withHalfProducts(
  graph: Graph,
  halves: NonNullable<CompilationTarget['halfProducts']>,
): Graph {
  const rewriting = new HalfProducts(halves);
  for (const node of graph.nodes) rewriting.add(node);
  return removeUnused({ ...graph, nodes: rewriting.nodes });
}

class HalfProducts {
  readonly nodes: GraphNode[] = [];
  /** The names of values that are there in 16 bits, by their names in 32. */
  private readonly halves = new Map<string, string>();

  constructor(private readonly kind: NonNullable<CompilationTarget['halfProducts']>) {}

  add(node: GraphNode): void {
    const [first = ''] = node.inputs;
    if (node.domain === '' && PRODUCTS.has(node.operator))
      this.addHalf(
        node,
        node.inputs.map((name) => this.half(name)),
      );
    else if (node.domain === '' && MOVES.has(node.operator) && this.halves.has(first))
      this.addHalf(node, [this.half(first), ...node.inputs.slice(1)]);
    else this.nodes.push(node);
  }

  /** Computes a node of one output in 16 bits, and has it in 32 as well: what nobody reads is left out in the end. */
  private addHalf(node: GraphNode, inputs: readonly string[]): void {
    const [name = ''] = node.outputs;
    const computed = `${name}/half`;
    this.nodes.push({ ...node, inputs, outputs: [computed] });
    const half = PRODUCTS.has(node.operator) ? this.held(computed) : computed;
    this.nodes.push(cast(half, name, SINGLE));
    this.halves.set(name, half);
  }

  /** The name of a value in 16 bits. An input that is left out has none. */
  private half(name: string): string {
    if (name === '') return name;
    const known = this.halves.get(name);
    if (known !== undefined) return known;
    const rounded = `${name}/half`;
    this.nodes.push(cast(name, rounded, HALF));
    const half = this.held(rounded);
    this.halves.set(name, half);
    return half;
  }

  /** The same value behind an operator that stands between two casts: the CPU provider takes out those that follow one another. */
  private held(name: string): string {
    if (this.kind === 'computed') return name;
    const held = `${name}/held`;
    this.nodes.push(plainNode('Concat', name, held, { axis: 0 }));
    return held;
  }
}

function cast(from: string, to: string, type: number): GraphNode {
  return plainNode('Cast', from, to, { to: type });
}

function plainNode(
  operator: string,
  input: string,
  output: string,
  attributes: GraphNode['attributes'],
): GraphNode {
  return { name: '', operator, domain: '', inputs: [input], outputs: [output], attributes };
}
