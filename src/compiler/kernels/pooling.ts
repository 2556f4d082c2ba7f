import { backend_util as backendUtil, type MaxPoolAttrs } from '@tensorflow/tfjs';

import { CHANNELS_FIRST } from '../graph/axis-order.js';
import type { Attributes } from '../graph/graph.js';
import type { GraphBuilder } from '../graph/graph-builder.js';
import { arrange, type TracedValue } from '../graph/traced-value.js';
import type { Inputs, KernelRules } from './kernel-rule.js';
import { dimensions4d, windowAttributes } from './window.js';

function pool(
  graph: GraphBuilder,
  opType: string,
  x: TracedValue,
  { filterSize, strides, pad, dimRoundingMode }: MaxPoolAttrs,
  attributes: Attributes = {},
): TracedValue {
  const shape = dimensions4d(x.shape);
  const window = backendUtil.computePool2DInfo(shape, filterSize, strides, 1, pad, dimRoundingMode);
  const inputs = [arrange(graph, x, CHANNELS_FIRST)];
  return {
    name: graph.node(opType, inputs, { ...windowAttributes(window), ...attributes }),
    shape: window.outShape,
    elementType: x.elementType,
    order: CHANNELS_FIRST,
  };
}

export const POOLING_RULES: KernelRules = {
  MaxPool: ({ x }: Inputs<'x'>, attributes: MaxPoolAttrs, graph) => pool(graph, 'MaxPool', x, attributes),
  // tfjs averages over the elements inside the image only.
  AvgPool: ({ x }: Inputs<'x'>, attributes: MaxPoolAttrs, graph) =>
    pool(graph, 'AveragePool', x, attributes, { count_include_pad: 0 }),
};
