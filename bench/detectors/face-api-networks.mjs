/**
 * The other candidates that npm ships, in tfjs and compiled as the chosen ones are: face-api's SSD MobileNet v1
 * face detector (512x512) and its 68-point landmark network (112x112). Only this comparison uses them.
 */
import * as tf from '@tensorflow/tfjs';
import { OnnxSession } from '../../dist/inference/runtime/onnx-session.js';
import { readWeightFile } from '../../dist/training/pretrained/weight-file.js';
import { compileToOnnx } from '../../dist/compiler/index.js';

export const SSD_INPUT_PIXELS = 512;
export const LANDMARK_INPUT_PIXELS = 112;
const BATCH_NORMALISATION_EPSILON = 0.001;

/** @returns session giving box encodings [1, 5118, 4] and class logits [1, 5118, 3]; and the anchors */
export async function loadSsd() {
  const parameters = await readParameters('ssd_mobilenetv1_model');
  const session = await compile('ssd', SSD_INPUT_PIXELS, ['boxes', 'classes'], (image) =>
    ssd(parameters, image),
  );
  return { session, anchors: parameters['Output/extra_dim'].dataSync() };
}

/** @returns session giving 68 points [1, 136] as shares of the crop's side */
export async function loadLandmarks68() {
  const parameters = await readParameters('face_landmark_68_model');
  return compile('landmarks68', LANDMARK_INPUT_PIXELS, ['landmarks'], (image) => [
    landmarks68(parameters, image),
  ]);
}

async function readParameters(model) {
  const { weights, description } = await readWeightFile({
    packageName: '@vladmandic/face-api',
    descriptionPath: `model/${model}-weights_manifest.json`,
  });
  return tf.io.decodeWeights(
    weights.buffer,
    description.groups.flatMap((group) => group.weights),
  );
}

async function compile(name, side, outputs, run) {
  await tf.setBackend('cpu');
  const inputs = [{ name: 'image', shape: [1, side, side, 3], dtype: 'float32', layout: 'NCHW' }];
  return OnnxSession.load(compileToOnnx({ name, inputs, outputs, run }), { intraOpThreads: 1 });
}

function ssd(parameters, image) {
  const pointwise = (x, name, stride) => {
    const convolved = tf.conv2d(x, parameters[`${name}_pointwise/weights`], stride, 'same');
    return tf.clipByValue(tf.add(convolved, parameters[`${name}_pointwise/convolution_bn_offset`]), 0, 6);
  };
  const depthwise = (x, name, stride) => {
    const convolved = tf.depthwiseConv2d(x, parameters[`${name}/depthwise_weights`], stride, 'same');
    const of = (statistic) => parameters[`${name}/BatchNorm/${statistic}`];
    const scale = tf.div(of('gamma'), tf.sqrt(tf.add(of('moving_variance'), BATCH_NORMALISATION_EPSILON)));
    const offset = tf.sub(of('beta'), tf.mul(of('moving_mean'), scale));
    return tf.clipByValue(tf.add(tf.mul(convolved, scale), offset), 0, 6);
  };
  const features = [];
  let x = pointwise(image, 'MobilenetV1/Conv2d_0', 2);
  for (let layer = 1; layer <= 13; layer++) {
    x = depthwise(x, `MobilenetV1/Conv2d_${layer}_depthwise`, [2, 4, 6, 12].includes(layer) ? 2 : 1);
    x = pointwise(x, `MobilenetV1/Conv2d_${layer}`, 1);
    if (layer === 11 || layer === 13) features.push(x);
  }
  for (let layer = 0; layer < 8; layer++) {
    x = pointwise(x, `Prediction/Conv2d_${layer}`, layer % 2 === 0 ? 1 : 2);
    if (layer % 2 === 1) features.push(x);
  }
  const predict = (predictor, rowLength) =>
    tf.concat(
      features.map((feature, index) => {
        const name = `Prediction/BoxPredictor_${index}/${predictor}`;
        const convolved = tf.conv2d(feature, parameters[`${name}/weights`], 1, 'same');
        return tf.reshape(tf.add(convolved, parameters[`${name}/biases`]), [1, -1, rowLength]);
      }),
      1,
    );
  return [predict('BoxEncodingPredictor', 4), predict('ClassPredictor', 3)];
}

function landmarks68(parameters, image) {
  const separable = (x, name, stride) => {
    const depthwise = tf.depthwiseConv2d(x, parameters[`${name}/depthwise_filter`], stride, 'same');
    return tf.add(
      tf.conv2d(depthwise, parameters[`${name}/pointwise_filter`], 1, 'same'),
      parameters[`${name}/bias`],
    );
  };
  const stem = (x) =>
    tf.add(tf.conv2d(x, parameters['dense0/conv0/filters'], 2, 'same'), parameters['dense0/conv0/bias']);
  let x = image;
  for (let block = 0; block < 4; block++) {
    const first = tf.relu(block === 0 ? stem(x) : separable(x, `dense${block}/conv0`, 2));
    let sum = first;
    for (let layer = 1; layer <= 3; layer++) {
      sum = tf.add(sum, separable(tf.relu(sum), `dense${block}/conv${layer}`, 1));
    }
    x = tf.relu(sum);
  }
  const pooled = tf.reshape(tf.avgPool(x, 7, 2, 'valid'), [1, -1]);
  return tf.add(tf.matMul(pooled, parameters['fc/weights']), parameters['fc/bias']);
}
