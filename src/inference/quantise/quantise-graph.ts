import { Failure } from '../../core/failure.js';
import type { GraphNode } from '../../onnx/graph.js';
import { graphAttribute, readOnnx } from '../../onnx/read-onnx.js';
import { floatsOf, type ElementType, type Tensor } from '../../onnx/tensor.js';
import { writeOnnx } from '../../onnx/write-onnx.js';
import {
  quantisationParameters,
  type QuantisationParameters,
  type ValueRange,
  quantiseBiases,
  quantiseFilters,
} from './affine-quantisation.js';
import {
  type GraphPlan,
  isConvolution,
  isSum,
  isZero,
  outputOf,
  planOf,
  valuesToObserve,
} from './graph-plan.js';

/** The numbers that values take, by their names in the folded graph. */
export type ValueRanges = ReadonlyMap<string, ValueRange>;

/** ONNX Runtime's own operators, and their version. */
const MICROSOFT = 'com.microsoft';
/** QLinearConv and QuantizeLinear are of version 10. */
const FIRST_OPERATOR_SET = 10;
/** MaxPool and Pad take bytes from this operator set on. */
const FIRST_WITH_MOVED_BYTES = 13;

/** @returns the plan for a folded graph @throws Failure MODEL_INVALID where its operators are too old */
export function quantisationPlan(folded: Uint8Array): GraphPlan {
  const model = readOnnx(folded);
  const version = model.operatorSets.get('') ?? 0;
  if (version < FIRST_OPERATOR_SET) {
    const message = `the graph uses version ${version} of ONNX's operators; 8-bit ones need version ${FIRST_OPERATOR_SET}: export it anew`;
    throw new Failure('MODEL_INVALID', message);
  }
  const plan = planOf(model);
  if (valuesToObserve(plan).length > 0) return plan;
  const message = 'the graph has no convolution that 8-bit numbers would make faster';
  throw new Failure(
    'MODEL_INVALID',
    plan.model.graph.nodes.some(runsGraph) ? `${message}: ${inBranches}` : message,
  );
}

const inBranches =
  "those of its nodes' own graphs, such as the branches of If, stay in floats. A backbone that a retraining gave a gate has all of them there: " +
  'serve it in 32 bits, or quantise the one that it was retrained from';

function runsGraph({ attributes }: GraphNode): boolean {
  return Object.values(attributes).some((value) => graphAttribute(value) !== undefined);
}

/**
 * The same network with convolutions, sums and pooling on bytes: filters signed with a scale for each output channel,
 * activations unsigned with the scale of their range. All else stays in floats, with conversions between.
 * @throws Failure MODEL_INVALID where the range of a value is not known
 */
export function quantiseGraph(plan: GraphPlan, ranges: ValueRanges): Uint8Array {
  return new GraphQuantiser(plan, ranges).run();
}

/** A value as bytes. */
interface ByteValue {
  readonly name: string;
  readonly encoding: QuantisationParameters;
}

type StoredNumbers = Float32Array | Uint8Array | Int8Array | Int32Array;

class GraphQuantiser {
  private readonly nodes: GraphNode[] = [];
  private readonly constants = new Map<string, Tensor>();
  private readonly bytes = new Map<string, ByteValue>();
  /** Values that are only there as bytes. */
  private readonly withoutFloats = new Set<string>();
  private readonly movesBytes: boolean;

  constructor(
    private readonly plan: GraphPlan,
    private readonly ranges: ValueRanges,
  ) {
    this.movesBytes = (plan.model.operatorSets.get('') ?? 0) >= FIRST_WITH_MOVED_BYTES;
  }

  run(): Uint8Array {
    const { model, fused } = this.plan;
    const { irVersion, operatorSets, graph } = model;
    const done = new Set(fused.values());
    for (const node of graph.nodes) if (!done.has(node)) this.add(node);
    for (const { name } of graph.outputs) this.requireFloats(name);
    return writeOnnx({
      irVersion,
      operatorSets: new Map(operatorSets).set(MICROSOFT, 1),
      graph: { ...graph, nodes: this.nodes, constants: this.constants },
    });
  }

  private add(node: GraphNode): void {
    const { constants } = this.plan.model.graph;
    if (isConvolution(node, constants)) this.addConvolution(node);
    else if (isSum(node, constants)) this.addSum(node);
    else if (this.isInnerAverage(node)) this.addAveragePool(node);
    else if (node.operator === 'MaxPool' && this.movesBytes && this.isBytes(node)) this.addMoved(node, []);
    else if (this.isZeroPadding(node)) this.addPadding(node);
    else this.addInFloats(node);
  }

  private addConvolution(node: GraphNode): void {
    const [input = '', filters = '', biases = ''] = node.inputs;
    const x = this.asBytes(input);
    const original = this.original(filters);
    const quantised = quantiseFilters(floatsOf(original), original.dims[0] ?? 1);
    const name = `${outputOf(node)}/filters`;
    const weights = [
      this.constant(name, original.dims, quantised.values),
      this.constant(`${name}/scales`, [quantised.scales.length], quantised.scales),
      this.constant(`${name}/zeros`, [quantised.scales.length], new Int8Array(quantised.scales.length)),
    ];
    const steps =
      biases === ''
        ? []
        : [quantiseBiases(floatsOf(this.original(biases)), x.encoding.scale, quantised.scales)].map(
            (values) => this.constant(`${name}/biases`, [values.length], values),
          );
    const y = this.summedOutput(node);
    this.emit(
      'QLinearConv',
      '',
      [...this.operands(x), ...weights, ...this.encodingOf(y), ...steps],
      y.name,
      node,
    );
  }

  private addSum(node: GraphNode): void {
    const summands = node.inputs.flatMap((input) => this.operands(this.asBytes(input)));
    const y = this.summedOutput(node);
    this.emit('QLinearAdd', MICROSOFT, [...summands, ...this.encodingOf(y)], y.name, node);
  }

  /** Averages are in the numbers of what they are averages of. */
  private addAveragePool(node: GraphNode): void {
    const x = this.asBytes(node.inputs[0] ?? '');
    const y = this.define(outputOf(node), x.encoding);
    this.emit('QLinearAveragePool', MICROSOFT, [...this.operands(x), ...this.encodingOf(y)], y.name, node);
  }

  private addPadding(node: GraphNode): void {
    const { encoding } = this.asBytes(node.inputs[0] ?? '');
    const zero = this.constant(`${outputOf(node)}/zero`, [], Uint8Array.of(encoding.zeroPoint));
    const [, pads = '', , ...axes] = node.inputs;
    this.addMoved(node, [this.kept(pads), zero, ...axes.map((name) => this.kept(name))]);
  }

  /** The operator itself, on bytes. */
  private addMoved(node: GraphNode, others: readonly string[]): void {
    const x = this.asBytes(node.inputs[0] ?? '');
    const y = this.define(outputOf(node), x.encoding);
    this.emit(node.operator, '', [x.name, ...others], y.name, node);
  }

  private addInFloats(node: GraphNode): void {
    for (const input of node.inputs) if (input !== '') this.requireFloats(input);
    this.nodes.push(node);
  }

  private isBytes({ domain, inputs, outputs }: GraphNode): boolean {
    return domain === '' && outputs.length === 1 && this.bytes.has(inputs[0] ?? '');
  }

  /**
   * Tells whether all windows of an average lie in the image: how zeros around it count is not the same on bytes.
   */
  private isInnerAverage(node: GraphNode): boolean {
    if (node.operator !== 'AveragePool' || !this.isBytes(node)) return false;
    const { pads = [], dilations, auto_pad: rule = 'NOTSET' } = node.attributes;
    const isUnpadded = Array.isArray(pads) && pads.every((count) => count === 0);
    return isUnpadded && dilations === undefined && (rule === 'NOTSET' || rule === 'VALID');
  }

  /** Tells whether a padding is of bytes and with zeros. */
  private isZeroPadding(node: GraphNode): boolean {
    if (node.operator !== 'Pad' || !this.movesBytes || !this.isBytes(node)) return false;
    const [, , value = ''] = node.inputs;
    const { mode = 'constant' } = node.attributes;
    return mode === 'constant' && (value === '' || isZero(this.plan.model.graph.constants.get(value)));
  }

  private summedOutput(node: GraphNode): ByteValue {
    const activation = this.plan.fused.get(node);
    return this.define(outputOf(activation ?? node), this.encodingOfRange(outputOf(activation ?? node)));
  }

  private define(value: string, encoding: QuantisationParameters): ByteValue {
    const defined = { name: `${value}/bytes`, encoding };
    this.bytes.set(value, defined);
    this.withoutFloats.add(value);
    return defined;
  }

  private asBytes(value: string): ByteValue {
    const known = this.bytes.get(value);
    if (known !== undefined) return known;
    const made = { name: `${value}/bytes`, encoding: this.encodingOfRange(value) };
    this.bytes.set(value, made);
    this.emit('QuantizeLinear', '', [this.kept(value), ...this.encodingOf(made)], made.name);
    return made;
  }

  private requireFloats(value: string): void {
    this.kept(value);
    const stored = this.bytes.get(value);
    if (stored === undefined || !this.withoutFloats.delete(value)) return;
    this.emit('DequantizeLinear', '', this.operands(stored), value);
  }

  private encodingOfRange(value: string): QuantisationParameters {
    const range = this.ranges.get(value);
    if (range !== undefined) return quantisationParameters(range);
    throw new Failure(
      'MODEL_INVALID',
      `the numbers of ${value} were not measured: calibrate this graph anew`,
    );
  }

  /** The inputs of an operator that say what its bytes stand for. */
  private operands(value: ByteValue): readonly string[] {
    return [value.name, ...this.encodingOf(value)];
  }

  private encodingOf({ name, encoding }: ByteValue): readonly string[] {
    return [
      this.constant(`${name}/scale`, [], Float32Array.of(encoding.scale)),
      this.constant(`${name}/zero-point`, [], Uint8Array.of(encoding.zeroPoint)),
    ];
  }

  private constant(name: string, dims: readonly number[], values: StoredNumbers): string {
    if (!this.constants.has(name))
      this.constants.set(name, { elementType: elementTypeOf(values), dims, elements: values });
    return name;
  }

  /** A constant of the graph that is still needed. */
  private kept(name: string): string {
    const original = this.plan.model.graph.constants.get(name);
    if (original !== undefined) this.constants.set(name, original);
    return name;
  }

  private original(name: string): Tensor {
    const tensor = this.plan.model.graph.constants.get(name);
    if (tensor === undefined) throw new RangeError(`the graph has no constant ${name}`);
    return tensor;
  }

  private emit(
    operator: string,
    domain: string,
    inputs: readonly string[],
    output: string,
    like?: GraphNode,
  ): void {
    this.nodes.push({
      name: `${output}/${operator}`,
      operator,
      domain,
      inputs,
      outputs: [output],
      attributes: like?.attributes ?? {},
    });
  }
}

function elementTypeOf(values: StoredNumbers): ElementType {
  if (values instanceof Float32Array) return 'float32';
  if (values instanceof Int32Array) return 'int32';
  return values instanceof Int8Array ? 'int8' : 'uint8';
}
