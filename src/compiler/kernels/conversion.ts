import type { CastAttrs } from '@tensorflow/tfjs';

import { dataTypeOf, type ElementType } from '../../onnx/tensor.js';
import { inPhysicalOrder } from '../graph/axis-order.js';
import type { GraphBuilder } from '../graph/graph-builder.js';
import type { TracedElementType, TracedValue } from '../graph/traced-value.js';
import { UnsupportedAttributeError } from '../errors.js';
import type { Inputs, KernelRule, KernelRules } from './kernel-rule.js';

/** Converts element types as both tfjs and ONNX do: floats are truncated, anything but zero is true. */
export function castTo(graph: GraphBuilder, value: TracedValue, elementType: TracedElementType): TracedValue {
  if (value.elementType === elementType) return value;
  return { ...value, name: castName(graph, value.name, elementType), elementType };
}

/** Converts a graph value of any element type, such as the 64-bit positions that ONNX returns. */
export function castName(graph: GraphBuilder, name: string, elementType: ElementType): string {
  return graph.node('Cast', [name], { to: dataTypeOf(elementType) });
}

/** A tensor of the operand's shape that holds one number throughout. */
function constantLike(number: number): KernelRule {
  return ({ x }: Inputs<'x'>, _, graph) => {
    const shape = graph.integers(inPhysicalOrder(x.shape, x.order));
    return { ...x, name: graph.node('Expand', [graph.scalar(number, x.elementType), shape]) };
  };
}

export const CONVERSION_RULES: KernelRules = {
  Identity: ({ x }: Inputs<'x'>) => x,
  Cast: ({ x }: Inputs<'x'>, { dtype }: CastAttrs, graph) => {
    if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') {
      throw new UnsupportedAttributeError('Cast', 'dtype', dtype);
    }
    return castTo(graph, x, dtype);
  },
  ZerosLike: constantLike(0),
  OnesLike: constantLike(1),
};
