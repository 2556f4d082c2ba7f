import { util, type GatherV2Attrs, type OneHotAttrs, type TopKAttrs } from '@tensorflow/tfjs';

import { UnsupportedAttributeError } from '../errors.js';
import { dropAxes } from '../graph/axis-order.js';
import type { GraphBuilder } from '../graph/graph-builder.js';
import { arrangeRowMajor, rowMajorValue, type TracedValue } from '../graph/traced-value.js';
import { castName } from './conversion.js';
import type { Inputs, KernelRules } from './kernel-rule.js';
import { combine, vector } from './operators.js';
import { insertUnitAxis } from './reshaping.js';

/** Picks positions known at compile time along a logical axis, in whatever order the axes lie. */
export function gatherPositions(
  graph: GraphBuilder,
  value: TracedValue,
  axis: number,
  positions: readonly number[],
): TracedValue {
  const attributes = { axis: value.order.indexOf(axis) };
  return {
    ...value,
    name: graph.node('Gather', [value.name, graph.integers(positions)], attributes),
    shape: value.shape.with(axis, positions.length),
  };
}

/** Picks one position along a logical axis and drops the axis. */
export function gatherPosition(
  graph: GraphBuilder,
  value: TracedValue,
  axis: number,
  position: number,
): TracedValue {
  const attributes = { axis: value.order.indexOf(axis) };
  return {
    ...value,
    name: graph.node('Gather', [value.name, graph.scalar(position, 'int64')], attributes),
    shape: value.shape.toSpliced(axis, 1),
    order: dropAxes(value.order, [axis]),
  };
}

function gather(
  graph: GraphBuilder,
  { x, indices }: Inputs<'x' | 'indices'>,
  { axis, batchDims }: GatherV2Attrs,
): TracedValue {
  if (batchDims !== 0) throw new UnsupportedAttributeError('GatherV2', 'batchDims', batchDims);
  const [logicalAxis = 0] = util.parseAxisParam(axis, [...x.shape]);
  const shape = x.shape.toSpliced(logicalAxis, 1, ...indices.shape);
  const positions = arrangeRowMajor(graph, indices);
  if (indices.shape.length === 1) {
    const attributes = { axis: x.order.indexOf(logicalAxis) };
    return { ...x, name: graph.node('Gather', [x.name, positions], attributes), shape };
  }
  const name = graph.node('Gather', [arrangeRowMajor(graph, x), positions], { axis: logicalAxis });
  return rowMajorValue(name, shape, x.elementType);
}

/** Compares with the positions 0, 1, ..., since ONNX' own operator counts negative indices from the end. */
function oneHot(
  graph: GraphBuilder,
  indices: TracedValue,
  { depth, onValue, offValue, dtype }: OneHotAttrs,
): TracedValue {
  if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') {
    throw new UnsupportedAttributeError('OneHot', 'dtype', dtype);
  }
  const positions = Array.from({ length: depth }, (_, position) => position);
  const range = rowMajorValue(vector(graph, positions, indices.elementType), [depth], indices.elementType);
  const expanded = insertUnitAxis(graph, indices, indices.shape.length);
  const isHot = combine(graph, 'Equal', [expanded, range]);
  const levels = [onValue, offValue].map((level) => graph.scalar(level, dtype));
  return { ...isHot, name: graph.node('Where', [isHot.name, ...levels]), elementType: dtype };
}

function topK(graph: GraphBuilder, x: TracedValue, { k }: TopKAttrs): TracedValue[] {
  const lastAxis = x.shape.length - 1;
  const inputs = [x.name, graph.integers([k])];
  const attributes = { axis: x.order.indexOf(lastAxis) };
  const [values = '', positions = ''] = graph.multiOutputNode('TopK', inputs, 2, attributes);
  const shape = x.shape.with(lastAxis, k);
  return [
    { ...x, name: values, shape },
    { ...x, name: castName(graph, positions, 'int32'), shape, elementType: 'int32' },
  ];
}

export const INDEXING_RULES: KernelRules = {
  GatherV2: (inputs: Inputs<'x' | 'indices'>, attributes: GatherV2Attrs, graph) =>
    gather(graph, inputs, attributes),
  OneHot: ({ indices }: Inputs<'indices'>, attributes: OneHotAttrs, graph) =>
    oneHot(graph, indices, attributes),
  TopK: ({ x }: Inputs<'x'>, attributes: TopKAttrs, graph) => topK(graph, x, attributes),
};
