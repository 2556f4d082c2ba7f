import * as tf from '@tensorflow/tfjs';

import { globalAverageVector } from '../operations/global-average.js';
import { averagePooling, maximumPooling, type PoolingWindow } from '../operations/window-pooling.js';

/**
 * Parameters by name, as face-api's `face_recognition_model` names them: for each convolution `LAYER`,
 * `LAYER/conv/filters` [h, w, in, out], `LAYER/conv/bias` [out], `LAYER/scale/weights` [out],
 * `LAYER/scale/biases` [out] (dlib's affine layer, which stands for frozen batch normalisation), and `fc` [256, 128].
 */
export type DlibResNetParameters = Readonly<Record<string, tf.Tensor>>;

/** Side of the square input in pixels. */
export const DLIB_RESNET_INPUT_PIXELS = 150;
/** Length of the embedding. */
export const DLIB_RESNET_DIMENSION = 128;

/** A residual block; where it is a `down` block it halves the resolution. */
interface DlibResNetBlock {
  readonly name: string;
  readonly channels: number;
  readonly down: boolean;
}

/** The convolution before the blocks: side of its kernel, and channels. */
export const DLIB_RESNET_STEM = { name: 'conv32_down', kernel: 7, channels: 32 } as const;

/** The residual blocks in order. */
export const DLIB_RESNET_BLOCKS: readonly DlibResNetBlock[] = [
  { name: 'conv32_1', channels: 32, down: false },
  { name: 'conv32_2', channels: 32, down: false },
  { name: 'conv32_3', channels: 32, down: false },
  { name: 'conv64_down', channels: 64, down: true },
  { name: 'conv64_1', channels: 64, down: false },
  { name: 'conv64_2', channels: 64, down: false },
  { name: 'conv64_3', channels: 64, down: false },
  { name: 'conv128_down', channels: 128, down: true },
  { name: 'conv128_1', channels: 128, down: false },
  { name: 'conv128_2', channels: 128, down: false },
  { name: 'conv256_down', channels: 256, down: true },
  { name: 'conv256_1', channels: 256, down: false },
  { name: 'conv256_2', channels: 256, down: false },
  { name: 'conv256_down_out', channels: 256, down: true },
];

/** A layer's convolution of the features, with its channel-wise scale and offset. */
export type DlibResNetConvolution = (
  layer: string,
  x: tf.Tensor4D,
  stride: number,
  padding: 'same' | 'valid',
) => tf.Tensor4D;

/**
 * dlib's face recognition ResNet (King, `dlib_face_recognition_resnet_model_v1`; 29 convolutions), with the
 * parameters that `@vladmandic/face-api` ships.
 *
 * @param images [N, 150, 150, 3] RGB faces aligned to `dlibTemplate`, (x - (122.782, 117.001, 104.298)) / 256
 * @returns [N, 128] embeddings, not normalised; dlib compares them by Euclidean distance
 * @throws Error where a parameter is missing
 */
export function dlibResNet(parameters: DlibResNetParameters, images: tf.Tensor4D): tf.Tensor2D {
  return tf.tidy(() => {
    const convolve: DlibResNetConvolution = (layer, x, stride, padding) =>
      affineConvolution(parameters, layer, x, stride, padding);
    return tf.matMul(dlibResNetFeatures(convolve, images), parameter(parameters, 'fc'));
  });
}

/**
 * All of {@link dlibResNet} before its last matrix.
 * @returns [N, 256]
 */
export function dlibResNetFeatures(convolve: DlibResNetConvolution, images: tf.Tensor4D): tf.Tensor2D {
  const stem = tf.relu(convolve(DLIB_RESNET_STEM.name, images, 2, 'valid'));
  const features = DLIB_RESNET_BLOCKS.reduce(
    (x, { name, down }) => (down ? downBlock(convolve, name, x) : residualBlock(convolve, name, x)),
    maximumPooling(stem, windowsOf(stem, 3)),
  );
  return globalAverageVector(features);
}

/** relu(x + convolutions(x)) at one resolution and width. */
function residualBlock(convolve: DlibResNetConvolution, name: string, x: tf.Tensor4D): tf.Tensor4D {
  const hidden = tf.relu(convolve(`${name}/conv1`, x, 1, 'same'));
  const residual = convolve(`${name}/conv2`, hidden, 1, 'same');
  return tf.relu(tf.add(residual, x));
}

/** Halves the resolution: the shortcut is average pooling, and the narrower or smaller of the two is zero-padded. */
function downBlock(convolve: DlibResNetConvolution, name: string, x: tf.Tensor4D): tf.Tensor4D {
  const hidden = tf.relu(convolve(`${name}/conv1`, x, 2, 'valid'));
  const residual = convolve(`${name}/conv2`, hidden, 1, 'same');
  const shortcut = averagePooling(x, windowsOf(x, 2), false);
  const height = Math.max(residual.shape[1], shortcut.shape[1]);
  const width = Math.max(residual.shape[2], shortcut.shape[2]);
  const channels = Math.max(residual.shape[3], shortcut.shape[3]);
  return tf.relu(
    tf.add(padEnd(residual, height, width, channels), padEnd(shortcut, height, width, channels)),
  );
}

/** Square windows that lie in the image, every second pixel. */
function windowsOf({ shape }: tf.Tensor4D, size: number): PoolingWindow {
  const extent = (pixels: number): number => Math.floor((pixels - size) / 2) + 1;
  return {
    kernel: [size, size],
    strides: [2, 2],
    padding: [
      [0, 0],
      [0, 0],
    ],
    output: [extent(shape[1]), extent(shape[2])],
  };
}

function padEnd(x: tf.Tensor4D, height: number, width: number, channels: number): tf.Tensor4D {
  const missing = [height - x.shape[1], width - x.shape[2], channels - x.shape[3]] as const;
  if (missing.every((count) => count === 0)) return x;
  return tf.pad4d(x, [
    [0, 0],
    [0, missing[0]],
    [0, missing[1]],
    [0, missing[2]],
  ]);
}

/** Convolution, then a scale and offset for each channel. */
function affineConvolution(
  parameters: DlibResNetParameters,
  layer: string,
  x: tf.Tensor4D,
  stride: number,
  padding: 'same' | 'valid',
): tf.Tensor4D {
  const filters = parameter(parameters, `${layer}/conv/filters`) as tf.Tensor4D;
  const convolved = tf.add(
    tf.conv2d(x, filters, stride, padding),
    parameter(parameters, `${layer}/conv/bias`),
  );
  const scaled = tf.mul(convolved, parameter(parameters, `${layer}/scale/weights`));
  return tf.add<tf.Tensor4D>(scaled, parameter(parameters, `${layer}/scale/biases`));
}

function parameter(parameters: DlibResNetParameters, name: string): tf.Tensor {
  const tensor = parameters[name];
  if (tensor === undefined) throw new Error(`the parameters of dlib's ResNet lack ${name}`);
  return tensor;
}
