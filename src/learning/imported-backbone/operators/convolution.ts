import * as tf from '@tensorflow/tfjs';

import { groupedConvolution } from '../../operations/grouped-convolution.js';
import { GraphValue } from '../graph-value.js';
import type { OperatorCall, OperatorRules } from '../operator-call.js';
import { slidingWindow, tfjsPadding, type SlidingWindow } from './sliding-window.js';

/**
 * Conv: images [B, C, H, W], filter [D, C / groups, h, w], bias [D].
 */
function convolution(call: OperatorCall): GraphValue {
  const x = call.input(0);
  const filter = call.input(1).inOnnxOrder();
  const [, channels = 0, height = 0, width = 0] = x.shape;
  const [filters = 0, groupChannels = 0, rows = 0, columns = 0] = filter.shape;
  const groups = call.integer('group', 1);
  if (x.rank !== 4 || filter.rank !== 4)
    throw call.invalid('is no convolution of images: only rank 4 can be trained');
  if (groups < 1 || groupChannels * groups !== channels || filters % groups !== 0) {
    throw call.invalid(
      `has ${groups} groups of ${groupChannels} for ${channels} channels and ${filters} filters`,
    );
  }
  const window = slidingWindow(call, [height, width], [rows, columns]);
  const [outputRows, outputColumns] = window.output;
  call.willCompute([x.shape[0] ?? 0, outputRows, outputColumns, filters]);
  call.willCompute([filters, groupChannels, rows * window.dilations[0], columns * window.dilations[1]]);
  call.setting.effort.multiplyAdds(outputRows * outputColumns * filter.size);

  const y = convolve(x.inChannelsLast(), dilated(filter as tf.Tensor4D, window), groups, window);
  const bias = call.optionalInput(2);
  return GraphValue.channelsLast(bias === undefined ? y : tf.add(y, bias.inOnnxOrder()));
}

/** @param filter [D, C / groups, h, w], dilated */
function convolve(x: tf.Tensor4D, filter: tf.Tensor4D, groups: number, window: SlidingWindow): tf.Tensor4D {
  const [filters, , rows, columns] = filter.shape;
  const strides: [number, number] = [...window.strides];
  if (groups === 1) return tf.conv2d(x, tf.transpose(filter, [2, 3, 1, 0]), strides, tfjsPadding(window));
  if (groups === x.shape[3]) {
    const channelwise = tf.reshape<tf.Rank.R4>(filter, [groups, filters / groups, rows, columns]);
    return tf.depthwiseConv2d(x, tf.transpose(channelwise, [2, 3, 0, 1]), strides, tfjsPadding(window));
  }
  return convolveInGroups(x, tf.transpose(filter, [2, 3, 1, 0]), groups, window);
}

/** @param filter [h, w, C / groups, D] */
function convolveInGroups(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  groups: number,
  window: SlidingWindow,
): tf.Tensor4D {
  const [[top, bottom], [left, right]] = window.padding;
  const [stride, columnStride] = window.strides;
  const isEven = top === bottom && top === left && top === right;
  const padded = isEven ? x : tf.pad(x, tfjsPadding(window));
  if (stride === columnStride) {
    return groupedConvolution(padded, filter, { groups, stride, padding: isEven ? top : 0 });
  }
  // One operator only where both directions have the same stride.
  const filters = tf.split(filter, groups, 3);
  const convolved = tf
    .split(tf.pad(x, tfjsPadding(window)), groups, 3)
    .map((part, group) =>
      tf.conv2d(
        part as tf.Tensor4D,
        (filters[group] ?? filter) as tf.Tensor4D,
        [stride, columnStride],
        'valid',
      ),
    );
  return tf.concat(convolved, 3);
}

/**
 * The filter with zeros between its rows and columns: tfjs neither combines strides with dilations nor has their
 * gradients.
 */
function dilated(filter: tf.Tensor4D, { dilations: [down, across] }: SlidingWindow): tf.Tensor4D {
  if (down === 1 && across === 1) return filter;
  const [filters, channels, rows, columns] = filter.shape;
  const apart = tf.reshape(filter, [filters * channels, rows, 1, columns, 1]);
  const spread = tf.pad(apart, [
    [0, 0],
    [0, 0],
    [0, down - 1],
    [0, 0],
    [0, across - 1],
  ]);
  const whole = tf.reshape<tf.Rank.R4>(spread, [filters, channels, rows * down, columns * across]);
  return tf.slice(
    whole,
    [0, 0, 0, 0],
    [filters, channels, (rows - 1) * down + 1, (columns - 1) * across + 1],
  );
}

export const CONVOLUTION_RULES: OperatorRules = { Conv: convolution };
