import type { FusedBatchNormAttrs } from '@tensorflow/tfjs';

import { tensorOf } from '../../onnx/tensor.js';
import type { GraphBuilder } from '../graph/graph-builder.js';
import { arrangeRowMajor, rowMajorValue, type TracedValue } from '../graph/traced-value.js';
import type { Inputs, KernelRules } from './kernel-rule.js';
import { combine, combineWithNumber, mapElements } from './operators.js';

type BatchNormInputs = Inputs<'x' | 'mean' | 'variance', 'scale' | 'offset'>;

/**
 * Normalisation with given statistics. Per-channel statistics of an image or a batch of vectors are
 * ONNX's own operator, which ONNX Runtime folds into a preceding convolution.
 */
function batchNorm(graph: GraphBuilder, inputs: BatchNormInputs, epsilon: number): TracedValue {
  const { x, mean, variance } = inputs;
  const channels = x.shape.at(-1) ?? 1;
  const scale = inputs.scale ?? filled(graph, mean.shape, 1);
  const offset = inputs.offset ?? filled(graph, mean.shape, 0);
  const statistics = [scale, offset, mean, variance];
  const isPerChannel = statistics.every(({ shape }) => shape.length === 1 && shape[0] === channels);
  if (isPerChannel && x.order.indexOf(x.shape.length - 1) === 1) {
    const names = statistics.map((statistic) => arrangeRowMajor(graph, statistic));
    return {
      ...x,
      name: graph.node('BatchNormalization', [x.name, ...names], { epsilon: { float: epsilon } }),
    };
  }
  const deviation = mapElements(graph, 'Sqrt', combineWithNumber(graph, 'Add', variance, epsilon));
  // Grouped so that constant statistics leave one product and one sum, the rest being constant too.
  const factor = combine(graph, 'Div', [scale, deviation]);
  const shift = combine(graph, 'Sub', [offset, combine(graph, 'Mul', [mean, factor])]);
  return combine(graph, 'Add', [combine(graph, 'Mul', [x, factor]), shift]);
}

function filled(graph: GraphBuilder, shape: readonly number[], value: number): TracedValue {
  const elements = new Float32Array(shape.reduce((product, extent) => product * extent, 1)).fill(value);
  return rowMajorValue(graph.constant(tensorOf(elements, shape, 'float32')), shape, 'float32');
}

export const NORMALISATION_RULES: KernelRules = {
  FusedBatchNorm: (inputs: BatchNormInputs, { varianceEpsilon }: FusedBatchNormAttrs, graph) =>
    batchNorm(graph, inputs, varianceEpsilon),
};
