import type { WeightArray } from '../../core/models/weights.js';
import type { DecayGroup, Initialiser, ParameterSpec, StatisticSpec } from '../layers/layer.js';
import { operatorName, type Attributes, type GraphNode } from '../../onnx/graph.js';
import type { EvaluableTensor } from './evaluable-tensor.js';

/** Which constants of a graph are learnt, and which inputs of which nodes they are. */
export interface VariableBindings {
  /** The parameters in the order of evaluation. */
  readonly parameters: readonly ParameterSpec[];
  readonly statistics: readonly StatisticSpec[];
  /** First values of both: those of the file. */
  readonly weights: ReadonlyMap<string, WeightArray>;
  /** Name of the variable that an input of a node is, if it is one. */
  readonly nameOf: (node: GraphNode, input: number) => string | undefined;
}

/** What a constant is to the node that takes it. */
type Role =
  { readonly statistic: number } | { readonly decayGroup: DecayGroup; readonly initialiser: Initialiser };

/** Inputs of BatchNormalization whose values are running statistics, with what they start from. */
const STATISTIC_STARTS: Readonly<Record<number, number>> = { 3: 0, 4: 1 };
const MULTIPLYING: ReadonlySet<string> = new Set(['Mul', 'Div']);
const ADDING: ReadonlySet<string> = new Set(['Add', 'Sub', 'Sum']);
const ZERO: Initialiser = { distribution: 'constant', value: 0 };
const ONE: Initialiser = { distribution: 'constant', value: 1 };

/**
 * Float constants that a node has in the place of weights are parameters: filters, matrices, biases, slopes, scales and
 * offsets of batch norm, and factors and addends of a sum or product behind the first of these (before it, they
 * normalise pixels). Single numbers in sums and products belong to an activation's formula and stay as they are.
 *
 * @param nodes     those that depend on the image, in the order of evaluation
 * @param constants by the name that the nodes take them by
 */
export function bindVariables(
  nodes: readonly GraphNode[],
  constants: ReadonlyMap<string, EvaluableTensor>,
): VariableBindings {
  const binder = new VariableBinder(constants);
  nodes.forEach((node) => {
    binder.add(node);
  });
  return binder;
}

class VariableBinder implements VariableBindings {
  readonly parameters: ParameterSpec[] = [];
  readonly statistics: StatisticSpec[] = [];
  readonly weights = new Map<string, WeightArray>();
  readonly #constants: ReadonlyMap<string, EvaluableTensor>;
  readonly #names = new Map<GraphNode, Map<number, string>>();
  /** Names of parameters by the constant and its role: a constant may have two. */
  readonly #parameterNames = new Map<string, string>();
  /** Values computed with parameters. */
  readonly #learnt = new Set<string>();

  constructor(constants: ReadonlyMap<string, EvaluableTensor>) {
    this.#constants = constants;
  }

  nameOf(node: GraphNode, input: number): string | undefined {
    return this.#names.get(node)?.get(input);
  }

  add(node: GraphNode): void {
    const names = new Map<number, string>();
    node.inputs.forEach((source, input) => {
      const constant = this.#constants.get(source);
      if (!(constant?.elements instanceof Float32Array)) return;
      const weights: WeightArray = { shape: constant.dims, values: constant.elements };
      const role = this.#roleOf(node, input, weights);
      if (role !== undefined) names.set(input, this.#variable(source, weights, role));
    });
    this.#names.set(node, names);
    if (names.size > 0 || node.inputs.some((source) => this.#learnt.has(source))) {
      node.outputs.forEach((output) => this.#learnt.add(output));
    }
  }

  #roleOf(node: GraphNode, input: number, weights: WeightArray): Role | undefined {
    const operator = operatorName(node);
    const isMultiplying = MULTIPLYING.has(operator);
    if (!isMultiplying && !ADDING.has(operator)) return weightRole(node, input, weights.shape);
    if (weights.values.length === 1 || !node.inputs.some((source) => this.#learnt.has(source)))
      return undefined;
    return isMultiplying
      ? { decayGroup: 'normalisation', initialiser: ONE }
      : { decayGroup: 'weights', initialiser: ZERO };
  }

  #variable(source: string, weights: WeightArray, role: Role): string {
    const { shape } = weights;
    if ('statistic' in role) {
      // Averages of one node's batches, even where the file shares equal constants between nodes.
      const name = this.#freshName(source);
      this.statistics.push({ name, shape, initialValue: role.statistic });
      this.weights.set(name, weights);
      return name;
    }
    const key = `${role.decayGroup} ${source}`;
    const known = this.#parameterNames.get(key);
    if (known !== undefined) return known;
    const name = this.#freshName(source);
    this.#parameterNames.set(key, name);
    this.parameters.push({ name, shape, ...role });
    this.weights.set(name, weights);
    return name;
  }

  #freshName(source: string): string {
    const base = variableName(source);
    let name = base;
    for (let number = 2; this.weights.has(name); number++) name = `${base}.${number}`;
    return name;
  }
}

/**
 * A constant's name as a weight file and a compiled training step can have it: no control characters or quotes, not the
 * name that safetensors keeps for its metadata or objects for their prototype, and no lone colon, which marks the
 * compiler's own values.
 */
function variableName(source: string): string {
  const plain = source.replace(/[^\w./:-]/gu, '_').replace(/(?<!:):(?!:)/gu, '_');
  return plain.startsWith('__') ? `weights${plain}` : plain;
}

function weightRole(node: GraphNode, input: number, shape: readonly number[]): Role | undefined {
  const bias: Role = { decayGroup: 'weights', initialiser: ZERO };
  switch (operatorName(node)) {
    case 'Conv':
      return input === 1 ? filterRole(shape, node.attributes) : input === 2 ? bias : undefined;
    case 'Gemm':
      return input === 2 ? bias : matrixRole(shape);
    case 'MatMul':
      return matrixRole(shape);
    case 'PRelu':
      return { decayGroup: 'slopes', initialiser: { distribution: 'constant', value: 0.25 } };
    case 'BatchNormalization': {
      const statistic = STATISTIC_STARTS[input];
      if (statistic !== undefined) return { statistic };
      return { decayGroup: 'normalisation', initialiser: input === 1 ? ONE : ZERO };
    }
    default:
      return undefined;
  }
}

/** He et al., as the layers of this project are initialised. */
function filterRole(shape: readonly number[], { group }: Attributes): Role {
  const groups = typeof group === 'number' ? group : 1;
  const [filters = 1, , rows = 1, columns = 1] = shape;
  const fanOut = Math.max(1, (filters * rows * columns) / groups);
  const standardDeviation = Math.sqrt(2 / fanOut);
  return { decayGroup: 'weights', initialiser: { distribution: 'normal', standardDeviation } };
}

/** The longer side stands for the number of features that are summed: an embedding is shorter than what it is made of. */
function matrixRole(shape: readonly number[]): Role {
  return {
    decayGroup: 'weights',
    initialiser: { distribution: 'uniform', limit: 1 / Math.sqrt(Math.max(1, ...shape)) },
  };
}
