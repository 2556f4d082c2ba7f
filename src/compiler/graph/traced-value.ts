import { backend_util as backendUtil } from '@tensorflow/tfjs';

import { elementCount } from '../../onnx/tensor.js';
import {
  inPhysicalOrder,
  isRowMajor,
  orderAfterReshape,
  orderBeforeReshape,
  prependAxes,
  rowMajorOrder,
  sameOrder,
  withoutUnitAxes,
  type AxisOrder,
} from './axis-order.js';
import type { GraphBuilder } from './graph-builder.js';

export type TracedElementType = 'float32' | 'int32' | 'bool';

/** A tensor of the traced function: the graph value that holds it and how its axes lie there. */
export interface TracedValue {
  readonly name: string;
  /** Extents of the logical axes, as tfjs sees them. */
  readonly shape: readonly number[];
  readonly elementType: TracedElementType;
  readonly order: AxisOrder;
}

/** The name of a graph value that holds `value` with its axes in `order`. */
export function arrange(graph: GraphBuilder, value: TracedValue, order: AxisOrder): string {
  if (sameOrder(value.order, order)) return value.name;
  const { shape } = value;
  if (sameOrder(withoutUnitAxes(value.order, shape), withoutUnitAxes(order, shape))) {
    return graph.reshape(value.name, inPhysicalOrder(shape, order));
  }
  return graph.transpose(
    value.name,
    order.map((axis) => value.order.indexOf(axis)),
  );
}

/** The name of a graph value that holds `value` with its axes in tfjs' order. */
export function arrangeRowMajor(graph: GraphBuilder, value: TracedValue): string {
  return arrange(graph, value, rowMajorOrder(value.shape.length));
}

/** A value in tfjs' own axis order. */
export function rowMajorValue(
  name: string,
  shape: readonly number[],
  elementType: TracedElementType,
): TracedValue {
  return { name, shape, elementType, order: rowMajorOrder(shape.length) };
}

/** Reshapes in place when the axis order allows it, else after moving the axes that the reshape joins together. */
export function reshapeValue(graph: GraphBuilder, value: TracedValue, shape: readonly number[]): TracedValue {
  const order = orderAfterReshape(value.shape, value.order, shape);
  if (order !== undefined) {
    const name = graph.reshape(value.name, inPhysicalOrder(shape, order));
    return { ...value, name, shape, order };
  }
  const before = orderBeforeReshape(value.shape, value.order, shape);
  const after = orderAfterReshape(value.shape, before, shape);
  if (after === undefined) {
    return rowMajorValue(graph.reshape(arrangeRowMajor(graph, value), shape), shape, value.elementType);
  }
  const name = graph.reshape(arrange(graph, value, before), inPhysicalOrder(shape, after));
  return { ...value, name, shape, order: after };
}

/** Operands that broadcast against each other, all in one axis order. */
export interface AlignedOperands {
  readonly names: string[];
  readonly shape: readonly number[];
  readonly order: AxisOrder;
}

/**
 * Brings operands of a broadcasting operation into the axis order of the largest one computed at run
 * time, so that the least data is moved; constants are moved at compile time.
 */
export function alignOperands(graph: GraphBuilder, values: readonly TracedValue[]): AlignedOperands {
  const shape = values
    .map((value) => [...value.shape])
    .reduce((a, b) => backendUtil.assertAndGetBroadcastShape(a, b));
  const order = commonOrder(graph, values, shape.length);
  const names = values.map((value) => arrangeForBroadcast(graph, value, order));
  return { names, shape, order };
}

/** The axis order of the largest full-rank operand that is computed at run time. */
export function commonOrder(graph: GraphBuilder, values: readonly TracedValue[], rank: number): AxisOrder {
  let order: AxisOrder = rowMajorOrder(rank);
  let largest = 0;
  for (const value of values) {
    if (value.shape.length !== rank || graph.constantOf(value.name) !== undefined) continue;
    const count = elementCount(value.shape);
    if (count > largest || (count === largest && isRowMajor(order))) {
      order = value.order;
      largest = count;
    }
  }
  return order;
}

/**
 * The name of a graph value that holds `value` such that ONNX's broadcasting, which aligns the last
 * axes, does with the axes in `order` what tfjs' broadcasting does with the logical ones.
 */
export function arrangeForBroadcast(graph: GraphBuilder, value: TracedValue, order: AxisOrder): string {
  const missing = order.length - value.shape.length;
  // A single element broadcasts from any rank and in any order.
  if (value.shape.every((extent) => extent === 1)) return value.name;
  const extended: TracedValue = {
    ...value,
    shape: [...Array.from({ length: missing }, () => 1), ...value.shape],
    order: prependAxes(value.order, missing),
  };
  // ONNX supplies missing leading axes itself.
  if (sameOrder(extended.order, order)) return value.name;
  if (missing === 0) return arrange(graph, value, order);
  if (sameOrder(withoutUnitAxes(extended.order, extended.shape), withoutUnitAxes(order, extended.shape))) {
    return graph.reshape(value.name, inPhysicalOrder(extended.shape, order));
  }
  const name = graph.reshape(value.name, inPhysicalOrder(extended.shape, extended.order));
  return arrange(graph, { ...extended, name }, order);
}
