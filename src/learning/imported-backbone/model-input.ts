import * as tf from '@tensorflow/tfjs';

import type { PixelNormalisation, TensorLayout } from '../../core/models/manifest.js';
import { GraphValue } from './graph-value.js';

/** How this project's backbones take pixels: (x - 127.5) / 128. */
const OWN_MEAN = 127.5;
const OWN_SCALE = 128;

/**
 * Images as a graph takes them.
 * @param images [B, H, W, 3] RGB, (x - 127.5) / 128
 */
export function modelInput(
  images: tf.Tensor4D,
  { layout, channelOrder, mean, scale }: PixelNormalisation & TensorLayout,
): GraphValue {
  const ordered = channelOrder === 'RGB' ? images : tf.reverse(images, 3);
  const pixels = renormalised(ordered, mean, scale);
  return layout === 'NCHW' ? GraphValue.channelsLast(pixels) : GraphValue.inOnnxOrder(pixels);
}

/** (x - mean) / scale, with mean and scale in the order of the channels. */
function renormalised(images: tf.Tensor4D, mean: readonly number[], scale: readonly number[]): tf.Tensor4D {
  const factors = scale.map((divisor) => OWN_SCALE / divisor);
  const shifts = mean.map((value, channel) => (OWN_MEAN - value) / (scale[channel] ?? 1));
  const scaled = factors.every((factor) => factor === 1)
    ? images
    : tf.mul<tf.Tensor4D>(images, tf.tensor1d(factors));
  return shifts.every((shift) => shift === 0) ? scaled : tf.add<tf.Tensor4D>(scaled, tf.tensor1d(shifts));
}
