import { backend_util as backendUtil, type MaxPoolAttrs } from '@tensorflow/tfjs';

import { UnsupportedAttributeError } from '../errors.js';
import { CHANNELS_FIRST } from '../graph/axis-order.js';
import type { Attributes } from '../../onnx/graph.js';
import type { GraphBuilder } from '../graph/graph-builder.js';
import { arrange, type TracedValue } from '../graph/traced-value.js';
import type { Inputs, KernelRules } from './kernel-rule.js';
import { dimensions4d, windowAttributes } from './window.js';

/** tfjs' pooling attributes; both kernels have the same. */
type PoolAttributes = MaxPoolAttrs;

interface PoolOperator {
  readonly kernelName: string;
  readonly opType: string;
  readonly attributes?: Attributes;
}

/** @throws UnsupportedAttributeError when a window would lie in the padding alone, which ONNX Runtime rejects. */
function pool(
  graph: GraphBuilder,
  { kernelName, opType, attributes = {} }: PoolOperator,
  x: TracedValue,
  { filterSize, strides, pad, dimRoundingMode }: PoolAttributes,
): TracedValue {
  const shape = dimensions4d(x.shape);
  const window = backendUtil.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
  const placed = windowAttributes(kernelName, window);
  const [top, left, bottom, right] = placed.pads;
  if (Math.max(top, bottom) >= window.filterHeight || Math.max(left, right) >= window.filterWidth) {
    throw new UnsupportedAttributeError(kernelName, 'pad', pad);
  }
  const inputs = [arrange(graph, x, CHANNELS_FIRST)];
  return {
    name: graph.node(opType, inputs, { ...placed, ...attributes }),
    shape: window.outShape,
    elementType: x.elementType,
    order: CHANNELS_FIRST,
  };
}

const MAX_POOL: PoolOperator = { kernelName: 'MaxPool', opType: 'MaxPool' };

const AVERAGE_POOL: PoolOperator = {
  kernelName: 'AvgPool',
  opType: 'AveragePool',
  // tfjs averages over the elements inside the image only.
  attributes: { count_include_pad: 0 },
};

export const POOLING_RULES: KernelRules = {
  MaxPool: ({ x }: Inputs<'x'>, attributes: PoolAttributes, graph) => pool(graph, MAX_POOL, x, attributes),
  AvgPool: ({ x }: Inputs<'x'>, attributes: PoolAttributes, graph) =>
    pool(graph, AVERAGE_POOL, x, attributes),
};
