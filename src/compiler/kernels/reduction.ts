import { util, type ArgMaxAttrs, type CumsumAttrs } from '@tensorflow/tfjs';

import { CHANNELS_FIRST, dropAxes, sameOrder } from '../graph/axis-order.js';
import type { GraphBuilder } from '../graph/graph-builder.js';
import type { TracedElementType, TracedValue } from '../graph/traced-value.js';
import { castName, castTo } from './conversion.js';
import { combine } from './operators.js';
import type { Inputs, KernelRule, KernelRules } from './kernel-rule.js';

interface ReductionAttributes {
  readonly axis?: number | number[];
  /** Max's name for the axes. */
  readonly reductionIndices?: number | number[];
  readonly keepDims?: boolean;
}

/** The logical axes that tfjs means; none given means all of them. */
function reducedAxes(x: TracedValue, { axis, reductionIndices }: ReductionAttributes): number[] {
  const axes = axis ?? reductionIndices;
  // parseAxisParam takes null for "all axes", against its typings.
  return util.parseAxisParam((axes ?? null) as number[], [...x.shape]);
}

function reduce(
  graph: GraphBuilder,
  opType: string,
  x: TracedValue,
  attributes: ReductionAttributes,
): TracedValue {
  const axes = reducedAxes(x, attributes);
  // ONNX takes an empty list of axes for all of them.
  if (axes.length === 0) return x;
  const keepDims = attributes.keepDims ?? false;
  const shape = keepDims
    ? x.shape.map((extent, axis) => (axes.includes(axis) ? 1 : extent))
    : x.shape.filter((_, axis) => !axes.includes(axis));
  const order = keepDims ? x.order : dropAxes(x.order, axes);
  return { ...x, name: reductionNode(graph, opType, x, axes, keepDims), shape, order };
}

function reductionNode(
  graph: GraphBuilder,
  opType: string,
  x: TracedValue,
  axes: readonly number[],
  keepDims: boolean,
): string {
  const physicalAxes = axes.map((axis) => x.order.indexOf(axis)).sort((a, b) => a - b);
  const isImageMean =
    opType === 'ReduceMean' && sameOrder(x.order, CHANNELS_FIRST) && sameOrder(physicalAxes, [2, 3]);
  // ONNX Runtime runs this form in its blocked layout, together with the convolutions around it.
  if (isImageMean && keepDims) return graph.node('GlobalAveragePool', [x.name]);
  const keepdims = Number(keepDims);
  // Of the reductions, only the sum takes its axes as an input in this operator set.
  return opType === 'ReduceSum'
    ? graph.node(opType, [x.name, graph.integers(physicalAxes)], { keepdims })
    : graph.node(opType, [x.name], { axes: physicalAxes, keepdims });
}

function reductionRule(opType: string, computedAs?: TracedElementType): KernelRule {
  return ({ x }: Inputs<'x'>, attributes: ReductionAttributes, graph) =>
    reduce(graph, opType, computedAs === undefined ? x : castTo(graph, x, computedAs), attributes);
}

/** ONNX has no logical reductions: "all" is the minimum of zeros and ones, "any" their maximum. */
function logicalReductionRule(opType: string): KernelRule {
  return ({ x }: Inputs<'x'>, attributes: ReductionAttributes, graph) =>
    castTo(graph, reduce(graph, opType, castTo(graph, x, 'int32'), attributes), 'bool');
}

function positionRule(opType: string): KernelRule {
  return ({ x }: Inputs<'x'>, { axis }: ArgMaxAttrs, graph) => {
    const [logicalAxis = 0] = reducedAxes(x, { axis });
    const order = dropAxes(x.order, [logicalAxis]);
    const shape = x.shape.toSpliced(logicalAxis, 1);
    const position = graph.node(opType, [x.name], { axis: x.order.indexOf(logicalAxis), keepdims: 0 });
    return { name: castName(graph, position, 'int32'), shape, order, elementType: 'int32' };
  };
}

function cumulativeSum(
  graph: GraphBuilder,
  x: TracedValue,
  { axis, exclusive, reverse }: CumsumAttrs,
): TracedValue {
  const [logicalAxis = 0] = reducedAxes(x, { axis });
  const physicalAxis = graph.scalar(x.order.indexOf(logicalAxis), 'int64');
  const attributes = { exclusive: Number(exclusive), reverse: Number(reverse) };
  return { ...x, name: graph.node('CumSum', [x.name, physicalAxis], attributes) };
}

/** Maps of fewer positions are multiplied and then summed: so many small dot products would take longer. */
const MINIMUM_DOT_POSITIONS = 256;

/**
 * Not a kernel of tfjs, but one that an application may register under this name: the sum of a · b over all axes but the
 * last. Of feature maps, as the dot products of their rows, which need no memory for the products.
 */
function channelDot(graph: GraphBuilder, { a, b }: Inputs<'a' | 'b'>): TracedValue {
  const axes = Array.from({ length: a.shape.length - 1 }, (_, axis) => axis);
  const [batch = 1, height = 1, width = 1, channels = 1] = a.shape;
  const isMap = a.shape.length === 4 && [a, b].every(({ order }) => sameOrder(order, CHANNELS_FIRST));
  if (!graph.target.hasRuntimeOperators || !isMap || height * width < MINIMUM_DOT_POSITIONS) {
    return reduce(graph, 'ReduceSum', combine(graph, 'Mul', [a, b]), { axis: axes });
  }
  const [left = '', right = ''] = [a, b].map(({ name }) =>
    graph.reshape(name, [batch, channels, 1, height * width]),
  );
  const dots = graph.node('FusedMatMul', [left, right], { transB: 1 }, 'com.microsoft'); // [N, C, 1, 1]
  const name = graph.node('ReduceSum', [dots, graph.integers([0, 2, 3])], { keepdims: 0 });
  return { name, shape: [channels], elementType: a.elementType, order: [0] };
}

export const REDUCTION_RULES: KernelRules = {
  ChannelDot: (inputs: Inputs<'a' | 'b'>, _, graph) => channelDot(graph, inputs),
  Sum: reductionRule('ReduceSum'),
  Mean: reductionRule('ReduceMean', 'float32'),
  Max: reductionRule('ReduceMax'),
  Min: reductionRule('ReduceMin'),
  Prod: reductionRule('ReduceProd'),
  All: logicalReductionRule('ReduceMin'),
  Any: logicalReductionRule('ReduceMax'),
  ArgMax: positionRule('ArgMax'),
  ArgMin: positionRule('ArgMin'),
  Cumsum: ({ x }: Inputs<'x'>, attributes: CumsumAttrs, graph) => cumulativeSum(graph, x, attributes),
};
