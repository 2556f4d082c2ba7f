import * as tf from '@tensorflow/tfjs';

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

/** Residual blocks in order; a `down` block halves the resolution and widens to the number in its name. */
const blocks: readonly { readonly name: string; readonly down: boolean }[] = [
  { name: 'conv32_1', down: false },
  { name: 'conv32_2', down: false },
  { name: 'conv32_3', down: false },
  { name: 'conv64_down', down: true },
  { name: 'conv64_1', down: false },
  { name: 'conv64_2', down: false },
  { name: 'conv64_3', down: false },
  { name: 'conv128_down', down: true },
  { name: 'conv128_1', down: false },
  { name: 'conv128_2', down: false },
  { name: 'conv256_down', down: true },
  { name: 'conv256_1', down: false },
  { name: 'conv256_2', down: false },
  { name: 'conv256_down_out', down: true },
];

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
    const stem = tf.relu(affineConvolution(parameters, 'conv32_down', images, 2, 'valid'));
    const features = blocks.reduce(
      (x, { name, down }) => (down ? downBlock(parameters, name, x) : residualBlock(parameters, name, x)),
      tf.maxPool(stem, 3, 2, 'valid'),
    );
    const pooled = tf.mean<tf.Tensor2D>(features, [1, 2]); // [N, 256]
    return tf.matMul(pooled, parameter(parameters, 'fc'));
  });
}

/** relu(x + convolutions(x)) at one resolution and width. */
function residualBlock(parameters: DlibResNetParameters, name: string, x: tf.Tensor4D): tf.Tensor4D {
  const hidden = tf.relu(affineConvolution(parameters, `${name}/conv1`, x, 1, 'same'));
  const residual = affineConvolution(parameters, `${name}/conv2`, hidden, 1, 'same');
  return tf.relu(tf.add(residual, x));
}

/** Halves the resolution: the shortcut is average pooling, and the narrower or smaller of the two is zero-padded. */
function downBlock(parameters: DlibResNetParameters, name: string, x: tf.Tensor4D): tf.Tensor4D {
  const hidden = tf.relu(affineConvolution(parameters, `${name}/conv1`, x, 2, 'valid'));
  const residual = affineConvolution(parameters, `${name}/conv2`, hidden, 1, 'same');
  const shortcut = tf.avgPool(x, 2, 2, 'valid');
  const height = Math.max(residual.shape[1], shortcut.shape[1]);
  const width = Math.max(residual.shape[2], shortcut.shape[2]);
  const channels = Math.max(residual.shape[3], shortcut.shape[3]);
  return tf.relu(
    tf.add(padEnd(residual, height, width, channels), padEnd(shortcut, height, width, channels)),
  );
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
