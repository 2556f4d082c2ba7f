import { tensorOf, type ElementType } from '../../onnx/tensor.js';
import type { Attributes } from '../../onnx/graph.js';
import type { GraphBuilder } from '../graph/graph-builder.js';
import {
  alignOperands,
  arrangeForBroadcast,
  type TracedElementType,
  type TracedValue,
} from '../graph/traced-value.js';

/** Applies an operator that works element by element, in whatever order the axes lie. */
export function mapElements(
  graph: GraphBuilder,
  opType: string,
  value: TracedValue,
  attributes: Attributes = {},
  elementType: TracedElementType = value.elementType,
): TracedValue {
  return { ...value, name: graph.node(opType, [value.name], attributes), elementType };
}

/** Applies an operator to operands that broadcast against each other; the result has the first one's type. */
export function combine(
  graph: GraphBuilder,
  opType: string,
  operands: readonly [TracedValue, ...TracedValue[]],
  { attributes = {}, elementType = operands[0].elementType }: CombineOptions = {},
): TracedValue {
  const { names, shape, order } = alignOperands(graph, operands);
  return { name: graph.node(opType, names, attributes), shape, order, elementType };
}

export interface CombineOptions {
  readonly attributes?: Attributes;
  readonly elementType?: TracedElementType;
}

/** Applies an operator to a value and a number of the value's type. */
export function combineWithNumber(
  graph: GraphBuilder,
  opType: string,
  value: TracedValue,
  operand: number,
): TracedValue {
  return { ...value, name: graph.node(opType, [value.name, graph.scalar(operand, value.elementType)]) };
}

/** Applies an operator whose second operand, such as a bias or slope, broadcasts to the first one's shape. */
export function combineInto(
  graph: GraphBuilder,
  opType: string,
  value: TracedValue,
  operand: TracedValue,
): TracedValue {
  return {
    ...value,
    name: graph.node(opType, [value.name, arrangeForBroadcast(graph, operand, value.order)]),
  };
}

/** A list of per-channel factors or the like as a value of the graph. */
export function vector(graph: GraphBuilder, values: ArrayLike<number>, elementType: ElementType): string {
  return graph.constant(tensorOf(values, [values.length], elementType));
}
