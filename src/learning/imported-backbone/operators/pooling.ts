import * as tf from '@tensorflow/tfjs';

import { globalAverage } from '../../operations/global-average.js';
import { averagePooling, maximumPooling } from '../../operations/window-pooling.js';
import { GraphValue } from '../graph-value.js';
import type { OperatorCall, OperatorRules } from '../operator-call.js';
import { slidingWindow, type SlidingWindow } from './sliding-window.js';

function pooled(
  call: OperatorCall,
  run: (features: tf.Tensor4D, window: SlidingWindow) => tf.Tensor4D,
): GraphValue {
  const x = call.input(0);
  const [batch = 0, channels = 0, height = 0, width = 0] = x.shape;
  const features = x.inChannelsLast();
  const [rows, columns, ...others] = call.integers('kernel_shape') ?? [];
  if (rows === undefined || columns === undefined || others.length > 0) {
    throw call.unsupported('kernel_shape', call.integers('kernel_shape'));
  }
  const window = slidingWindow(call, [height, width], [rows, columns]);
  if (window.dilations.some((dilation) => dilation !== 1))
    throw call.unsupported('dilations', window.dilations);
  if (window.padding.some((sides, axis) => Math.max(...sides) >= (window.kernel[axis] ?? 0))) {
    throw call.unsupported('pads', window.padding.flat());
  }
  call.willCompute([batch, ...window.output, channels]);
  return GraphValue.channelsLast(run(features, window));
}

/** The rows and columns that `ceil_mode` adds count as pixels nowhere, which an average over padding cannot tell apart. */
function average(call: OperatorCall): GraphValue {
  const paddingIsCounted = call.integer('count_include_pad', 0) === 1;
  return pooled(call, (features, window) => {
    if (paddingIsCounted && window.overhang.some((count) => count > 0))
      throw call.unsupported('ceil_mode', 1);
    return averagePooling(features, window, paddingIsCounted);
  });
}

export const POOLING_RULES: OperatorRules = {
  AveragePool: average,
  GlobalAveragePool: (call) => GraphValue.channelsLast(globalAverage(call.input(0).inChannelsLast())),
  GlobalMaxPool: (call) => GraphValue.channelsLast(tf.max(call.input(0).inChannelsLast(), [1, 2], true)),
  MaxPool: (call) => pooled(call, maximumPooling),
};
