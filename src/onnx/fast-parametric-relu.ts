import type { Attributes, Graph, GraphNode } from './graph.js';
import { tensorOf, type Tensor } from './tensor.js';

/** ONNX Runtime keeps so many channels together, or 8, where it computes convolutions in its blocked layout. */
const CHANNEL_BLOCK = 16;

/**
 * The same graph with sums in the place of PRelu, ONNX Runtime's slowest operator on a CPU by far: PReLU(x) = x + (1 - a) ·
 * Relu(-x). Behind a convolution of whole blocks of channels both factors are depthwise convolutions of one pixel, which the
 * runtime leaves in its blocked layout and computes in two walks over the feature map, one with the Relu and one with the sum; a
 * MobileFaceNet takes half the time then (docs/results/distillation.md). Elsewhere it is x + (a - 1) · Min(x, 0).
 *
 * @param isBlocked whether the runtime has its blocked layout where the graph is to run: on x86-64 it has
 * @returns the graph itself where it has no PRelu whose slopes are constant
 */
export function withFastParametricRelu(graph: Graph, isBlocked: boolean): Graph {
  return new ParametricReluRewriter(graph, isBlocked).run();
}

class ParametricReluRewriter {
  private readonly constants: Map<string, Tensor>;
  private readonly nodes: GraphNode[] = [];
  private readonly featureMaps: ReadonlySet<string>;

  constructor(
    private readonly graph: Graph,
    private readonly isBlocked: boolean,
  ) {
    this.constants = new Map(graph.constants);
    this.featureMaps = featureMapsOf(graph);
  }

  run(): Graph {
    for (const node of this.graph.nodes) this.add(node);
    if (this.nodes.length === this.graph.nodes.length) return this.graph;
    return { ...this.graph, nodes: this.nodes, constants: this.constants };
  }

  private add(node: GraphNode): void {
    const { operator, domain, inputs, outputs } = node;
    const [x = '', slopes = ''] = inputs;
    const [output = ''] = outputs;
    const stored = this.graph.constants.get(slopes);
    const isParametricRelu = operator === 'PRelu' && domain === '';
    if (!isParametricRelu || !(stored?.elements instanceof Float32Array)) {
      this.nodes.push(node);
      return;
    }
    const factors = stored.elements.map((slope) => 1 - slope); // 1 - a
    if (this.isBlocked && this.featureMaps.has(x) && isPerChannel(stored))
      this.addDepthwise(x, factors, output);
    else this.addElementwise(x, { dims: stored.dims, factors }, output);
  }

  /** y = x + (1 - a) · Relu(-x) */
  private addDepthwise(x: string, factors: Float32Array, output: string): void {
    const negated = this.depthwise(
      x,
      factors.map(() => -1),
      `${output}/negated`,
    );
    const below = this.node('Relu', [negated], `${output}/below`);
    const change = this.depthwise(below, factors, `${output}/change`);
    this.node('Add', [x, change], output);
  }

  /** y = x + (a - 1) · min(x, 0) */
  private addElementwise(
    x: string,
    { dims, factors }: { dims: readonly number[]; factors: Float32Array },
    output: string,
  ): void {
    const zero = this.constant(`${output}/zero`, Float32Array.of(0), []);
    const below = this.node('Min', [x, zero], `${output}/below`);
    const negative = this.constant(
      `${output}/factors`,
      factors.map((factor) => -factor),
      dims,
    );
    const change = this.node('Mul', [below, negative], `${output}/change`);
    this.node('Add', [x, change], output);
  }

  private depthwise(x: string, factors: Float32Array, output: string): string {
    const channels = factors.length;
    const filter = this.constant(`${output}/filter`, factors, [channels, 1, 1, 1]);
    return this.node('Conv', [x, filter], output, { group: channels, kernel_shape: [1, 1] });
  }

  private constant(name: string, values: Float32Array, dims: readonly number[]): string {
    this.constants.set(name, tensorOf(values, dims, 'float32'));
    return name;
  }

  private node(
    operator: string,
    inputs: readonly string[],
    output: string,
    attributes: Attributes = {},
  ): string {
    this.nodes.push({ name: output, operator, domain: '', inputs, outputs: [output], attributes });
    return output;
  }
}

/** Operators whose output is a feature map where an input is one. */
const KEEPING_RANK: ReadonlySet<string> = new Set(['Add', 'BatchNormalization', 'Mul', 'Sub']);
const FEATURE_MAP_RANK = 4;

/** Names of the values that are known to be [n, C, height, width]: what convolutions of images give, and biases or norms make of it. */
function featureMapsOf({ nodes, constants }: Graph): ReadonlySet<string> {
  const maps = new Set<string>();
  for (const { operator, domain, inputs, outputs } of nodes) {
    if (domain !== '') continue;
    const ranks = inputs.map((name) => constants.get(name)?.dims.length ?? 0);
    const isConvolution = operator === 'Conv' && ranks[1] === FEATURE_MAP_RANK;
    const keepsRank = KEEPING_RANK.has(operator) && ranks.every((rank) => rank <= FEATURE_MAP_RANK);
    if (isConvolution || (keepsRank && inputs.some((name) => maps.has(name)))) maps.add(outputs[0] ?? '');
  }
  return maps;
}

/** [C, 1, 1], C whole blocks: a slope for each channel of a feature map [n, C, height, width]. */
function isPerChannel({ dims }: Tensor): boolean {
  const [channels = 0, height, width] = dims.slice(-3);
  const isFlat = height === 1 && width === 1 && dims.slice(0, -3).every((extent) => extent === 1);
  return isFlat && channels > 0 && channels % CHANNEL_BLOCK === 0;
}
