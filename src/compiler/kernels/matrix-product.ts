import { backend_util as backendUtil, type BatchMatMulAttrs } from '@tensorflow/tfjs';

import { rowMajorOrder, sameOrder } from '../graph/axis-order.js';
import type { GraphBuilder } from '../graph/graph-builder.js';
import { arrange, rowMajorValue, type TracedValue } from '../graph/traced-value.js';
import { applyFusedActivation, type FusedActivation } from './activation.js';
import type { Inputs, KernelRules } from './kernel-rule.js';
import { combine } from './operators.js';

/** The axis order in which the last two axes are exchanged. */
function exchangedOrder(rank: number): number[] {
  const order = [...rowMajorOrder(rank)];
  return [...order.slice(0, -2), rank - 1, rank - 2];
}

function multiply(
  graph: GraphBuilder,
  { a, b }: Inputs<'a' | 'b'>,
  { transposeA, transposeB }: BatchMatMulAttrs,
): TracedValue {
  const rows = a.shape.at(transposeA ? -1 : -2) ?? 1;
  const columns = b.shape.at(transposeB ? -2 : -1) ?? 1;
  const batch = backendUtil.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const shape = [...batch, rows, columns];
  const product =
    a.shape.length === 2 && b.shape.length === 2 && (transposeA || transposeB)
      ? transposedProduct(graph, a, b, transposeA, transposeB)
      : graph.node('MatMul', [operand(graph, a, transposeA), operand(graph, b, transposeB)]);
  return rowMajorValue(product, shape, a.elementType);
}

function operand(graph: GraphBuilder, value: TracedValue, isTransposed: boolean): string {
  const rank = value.shape.length;
  return arrange(graph, value, isTransposed ? exchangedOrder(rank) : rowMajorOrder(rank));
}

/** Gemm reads either operand transposed, so that none computed at run time has to be moved. */
function transposedProduct(
  graph: GraphBuilder,
  a: TracedValue,
  b: TracedValue,
  transposeA: boolean,
  transposeB: boolean,
): string {
  // A value stored column by column is its own transpose in memory.
  const flags = [a, b].map((value, index) => {
    const isExchanged = sameOrder(value.order, exchangedOrder(2));
    return Number(isExchanged !== (index === 0 ? transposeA : transposeB));
  });
  const [transA = 0, transB = 0] = flags;
  return graph.node('Gemm', [a.name, b.name], { transA, transB });
}

type FusedInputs = Inputs<'a' | 'b', 'bias' | 'preluActivationWeights'>;
type FusedAttributes = BatchMatMulAttrs & FusedActivation;

export const MATRIX_PRODUCT_RULES: KernelRules = {
  BatchMatMul: (inputs: Inputs<'a' | 'b'>, attributes: BatchMatMulAttrs, graph) =>
    multiply(graph, inputs, attributes),
  _FusedMatMul: (inputs: FusedInputs, attributes: FusedAttributes, graph) => {
    const product = multiply(graph, inputs, attributes);
    const biased = inputs.bias === undefined ? product : combine(graph, 'Add', [product, inputs.bias]);
    return applyFusedActivation(graph, '_FusedMatMul', biased, attributes, inputs.preluActivationWeights);
  },
};
