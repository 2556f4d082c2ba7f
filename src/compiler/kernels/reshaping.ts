import { util, type ExpandDimsAttrs, type ReshapeAttrs, type TransposeAttrs } from '@tensorflow/tfjs';

import { elementCount } from '../../onnx/tensor.js';
import type { GraphBuilder } from '../graph/graph-builder.js';
import { reshapeValue, type TracedValue } from '../graph/traced-value.js';
import type { Inputs, KernelRules } from './kernel-rule.js';

/** Reorders axes without moving an element: only the note of how they lie in memory changes. */
function transpose(x: TracedValue, permutation: readonly number[]): TracedValue {
  return {
    ...x,
    shape: permutation.map((axis) => x.shape[axis] ?? 1),
    order: x.order.map((axis) => permutation.indexOf(axis)),
  };
}

/** Inserts an axis of extent 1. */
export function insertUnitAxis(graph: GraphBuilder, value: TracedValue, axis: number): TracedValue {
  return reshapeValue(graph, value, value.shape.toSpliced(axis, 0, 1));
}

export const RESHAPING_RULES: KernelRules = {
  Reshape: ({ x }: Inputs<'x'>, { shape }: ReshapeAttrs, graph) =>
    reshapeValue(graph, x, util.inferFromImplicitShape(shape, elementCount(x.shape))),
  ExpandDims: ({ input }: Inputs<'input'>, { dim }: ExpandDimsAttrs, graph) =>
    insertUnitAxis(graph, input, dim < 0 ? input.shape.length + 1 + dim : dim),
  Transpose: ({ x }: Inputs<'x'>, { perm }: TransposeAttrs) => transpose(x, perm),
};
