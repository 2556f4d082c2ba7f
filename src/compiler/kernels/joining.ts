import {
  util,
  type BroadCastToAttrs,
  type ConcatAttrs,
  type PackAttrs,
  type TileAttrs,
} from '@tensorflow/tfjs';

import { inPhysicalOrder } from '../graph/axis-order.js';
import type { GraphBuilder } from '../graph/graph-builder.js';
import { arrange, commonOrder, reshapeValue, type TracedValue } from '../graph/traced-value.js';
import { CompileError } from '../errors.js';
import type { Inputs, KernelRules } from './kernel-rule.js';
import { insertUnitAxis } from './reshaping.js';

function concatenate(graph: GraphBuilder, values: readonly TracedValue[], axis: number): TracedValue {
  const [first] = values;
  if (first === undefined) throw new CompileError('nothing to concatenate');
  const order = commonOrder(graph, values, first.shape.length);
  const names = values.map((value) => arrange(graph, value, order));
  const extent = values.reduce((sum, { shape }) => sum + (shape[axis] ?? 0), 0);
  const name = graph.node('Concat', names, { axis: order.indexOf(axis) });
  return { name, shape: first.shape.with(axis, extent), order, elementType: first.elementType };
}

function pack(graph: GraphBuilder, values: readonly TracedValue[], axis: number): TracedValue {
  const rank = (values[0]?.shape.length ?? 0) + 1;
  const logicalAxis = axis < 0 ? axis + rank : axis;
  const expanded = values.map((value) => insertUnitAxis(graph, value, logicalAxis));
  return concatenate(graph, expanded, logicalAxis);
}

function tile(graph: GraphBuilder, x: TracedValue, reps: readonly number[]): TracedValue {
  const shape = x.shape.map((extent, axis) => extent * (reps[axis] ?? 1));
  const repeats = graph.integers(inPhysicalOrder(reps, x.order));
  return { ...x, name: graph.node('Tile', [x.name, repeats]), shape };
}

function broadcastTo(graph: GraphBuilder, x: TracedValue, shape: readonly number[]): TracedValue {
  const missing = shape.length - x.shape.length;
  const expanded = reshapeValue(graph, x, [...Array.from({ length: missing }, () => 1), ...x.shape]);
  const extents = graph.integers(inPhysicalOrder(shape, expanded.order));
  return { ...expanded, name: graph.node('Expand', [expanded.name, extents]), shape };
}

export const JOINING_RULES: KernelRules = {
  Concat: (values: readonly TracedValue[], { axis }: ConcatAttrs, graph) => {
    const [logicalAxis = 0] = util.parseAxisParam(axis, [...(values[0]?.shape ?? [])]);
    return concatenate(graph, values, logicalAxis);
  },
  Pack: (values: readonly TracedValue[], { axis }: PackAttrs, graph) => pack(graph, values, axis),
  Tile: ({ x }: Inputs<'x'>, { reps }: TileAttrs, graph) => tile(graph, x, reps),
  BroadcastTo: ({ x }: Inputs<'x'>, { shape }: BroadCastToAttrs, graph) => broadcastTo(graph, x, shape),
};
