import type { GraphBuilder } from '../graph/graph-builder.js';
import type { TracedValue } from '../graph/traced-value.js';
import { UnsupportedAttributeError } from '../errors.js';
import type { Inputs, KernelRule, KernelRules } from './kernel-rule.js';
import { combineInto, combineWithNumber, mapElements } from './operators.js';

/** The activation that tfjs fuses into a convolution or matrix product. */
export interface FusedActivation {
  readonly activation?: string;
  readonly leakyreluAlpha?: number;
}

/**
 * Applies the activation of a fused kernel.
 *
 * @param slopes the slopes of a PReLU, broadcastable to `value`.
 * @throws UnsupportedAttributeError for an activation that tfjs does not fuse, or one without its slopes.
 */
export function applyFusedActivation(
  graph: GraphBuilder,
  kernelName: string,
  value: TracedValue,
  { activation = 'linear', leakyreluAlpha }: FusedActivation,
  slopes: TracedValue | undefined,
): TracedValue {
  switch (activation) {
    case 'linear':
      return value;
    case 'relu':
      return mapElements(graph, 'Relu', value);
    case 'relu6':
      return clip(graph, value, 0, 6);
    case 'elu':
      return mapElements(graph, 'Elu', value);
    case 'sigmoid':
      return mapElements(graph, 'Sigmoid', value);
    case 'leakyrelu':
      if (leakyreluAlpha === undefined) break;
      return mapElements(graph, 'LeakyRelu', value, { alpha: { float: leakyreluAlpha } });
    case 'prelu':
      if (slopes === undefined) break;
      return prelu(graph, value, slopes);
  }
  throw new UnsupportedAttributeError(kernelName, 'activation', activation);
}

function clip(graph: GraphBuilder, value: TracedValue, minimum: number, maximum: number): TracedValue {
  const bounds = [minimum, maximum].map((bound) => graph.scalar(bound, value.elementType));
  return { ...value, name: graph.node('Clip', [value.name, ...bounds]) };
}

/**
 * x where positive, else slope · x. As x + (slope - 1) min(x, 0) where slopes are trained: ONNX Runtime computes sums and
 * products several times as fast as its PRelu, and the gradient needs min(x, 0) as well.
 */
function prelu(graph: GraphBuilder, value: TracedValue, slopes: TracedValue): TracedValue {
  if (!graph.target.hasRuntimeOperators) return combineInto(graph, 'PRelu', value, slopes);
  const below = combineWithNumber(graph, 'Min', value, 0);
  const change = combineInto(graph, 'Mul', below, combineWithNumber(graph, 'Sub', slopes, 1));
  return combineInto(graph, 'Add', value, change);
}

function unary(opType: string): KernelRule {
  return ({ x }: Inputs<'x'>, _, graph) => mapElements(graph, opType, x);
}

export const ACTIVATION_RULES: KernelRules = {
  Relu: unary('Relu'),
  Elu: unary('Elu'),
  Selu: unary('Selu'),
  Sigmoid: unary('Sigmoid'),
  Tanh: unary('Tanh'),
  Softplus: unary('Softplus'),
  Relu6: ({ x }: Inputs<'x'>, _, graph) => clip(graph, x, 0, 6),
  Prelu: ({ x, alpha }: Inputs<'x' | 'alpha'>, _, graph) => prelu(graph, x, alpha),
  LeakyRelu: ({ x }: Inputs<'x'>, { alpha }: { alpha: number }, graph) =>
    mapElements(graph, 'LeakyRelu', x, { alpha: { float: alpha } }),
  ClipByValue: (
    { x }: Inputs<'x'>,
    { clipValueMin, clipValueMax }: { clipValueMin: number; clipValueMax: number },
    graph,
  ) => clip(graph, x, clipValueMin, clipValueMax),
  Step: ({ x }: Inputs<'x'>, { alpha }: { alpha: number }, graph) => {
    const isPositive = combineWithNumber(graph, 'Greater', x, 0);
    const levels = [1, alpha].map((level) => graph.scalar(level, x.elementType));
    return { ...x, name: graph.node('Where', [isPositive.name, ...levels]) };
  },
  // One axis, always the last: tfjs rejects any other.
  Softmax: ({ logits }: Inputs<'logits'>, _, graph) => alongLastAxis(graph, 'Softmax', logits),
  LogSoftmax: ({ logits }: Inputs<'logits'>, _, graph) => alongLastAxis(graph, 'LogSoftmax', logits),
};

function alongLastAxis(graph: GraphBuilder, opType: string, value: TracedValue): TracedValue {
  return mapElements(graph, opType, value, { axis: value.order.indexOf(value.shape.length - 1) });
}
