import * as tf from '@tensorflow/tfjs';

import { dlibPixels } from '../../core/models/presets.js';
import { modelInput } from '../imported-backbone/model-input.js';
import type { Variables } from '../layers/forward-pass.js';
import type { ParameterSpec } from '../layers/layer.js';
import type { Backbone } from './backbone.js';
import {
  DLIB_RESNET_BLOCKS,
  DLIB_RESNET_DIMENSION,
  DLIB_RESNET_INPUT_PIXELS,
  DLIB_RESNET_STEM,
  type DlibResNetConvolution,
  type DlibResNetParameters,
  dlibResNetFeatures,
} from './dlib-resnet.js';

/** A convolution with its channel-wise scale and offset, as it lies in the network. */
interface AffineConvolution {
  readonly layer: string;
  readonly kernel: number;
  readonly inputChannels: number;
  readonly channels: number;
  /** Side of its square output in pixels. */
  readonly outputPixels: number;
}

/** The last matrix, [256, 128]. */
const EMBEDDING = 'fc';
const filtersOf = (layer: string): string => `${layer}/filters`;
const offsetsOf = (layer: string): string => `${layer}/offsets`;

/**
 * dlib's face recognition ResNet as a backbone that can be trained on: its scales are part of the filters. In dlib's own
 * form filters have a length of about 1 and are multiplied by 4 to 15, so that a step of descent changes what they compute
 * by a hundred times as much as its length says; a few steps forgot what the network knew.
 */
export function dlibResNetBackbone(): Backbone {
  const { convolutions, features } = layersOf();
  const embedding: ParameterSpec = {
    name: EMBEDDING,
    shape: [features, DLIB_RESNET_DIMENSION],
    decayGroup: 'weights',
    initialiser: { distribution: 'uniform', limit: 1 / Math.sqrt(features) },
  };
  const parameters = [...convolutions.flatMap(parametersOf), embedding];
  const side = DLIB_RESNET_INPUT_PIXELS;
  return {
    name: 'dlib-resnet',
    source: 'King, dlib_face_recognition_resnet_model_v1',
    inputSize: { height: side, width: side },
    embeddingSize: DLIB_RESNET_DIMENSION,
    parameters,
    statistics: [],
    parameterCount: parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0),
    multiplyAdds: convolutions.reduce((sum, layer) => sum + multiplyAddsOf(layer), sizeOf(embedding.shape)),
    dropoutRate: undefined,
    droppedShape: undefined,
    forward: (images, variables) => {
      const pixels = modelInput(images, { ...dlibPixels, layout: 'NHWC' }).inOnnxOrder() as tf.Tensor4D;
      const pooled = dlibResNetFeatures(foldedConvolution(variables), pixels);
      const matrix = variableOf(variables, EMBEDDING) as tf.Tensor2D;
      return { embeddings: tf.matMul(pooled, matrix), statistics: {} };
    },
  };
}

/** Follows the extents and channels through the network. */
function layersOf(): { readonly convolutions: readonly AffineConvolution[]; readonly features: number } {
  const { name, kernel, channels: stemChannels } = DLIB_RESNET_STEM;
  const stemPixels = halved(DLIB_RESNET_INPUT_PIXELS, kernel);
  const convolutions: AffineConvolution[] = [
    { layer: name, kernel, inputChannels: 3, channels: stemChannels, outputPixels: stemPixels },
  ];
  let [pixels, inputChannels] = [halved(stemPixels, 3), stemChannels as number];
  for (const { name: block, channels, down } of DLIB_RESNET_BLOCKS) {
    const outputPixels = down ? halved(pixels, 3) : pixels;
    const shared = { kernel: 3, channels, outputPixels };
    convolutions.push({ layer: `${block}/conv1`, inputChannels, ...shared });
    convolutions.push({ layer: `${block}/conv2`, inputChannels: channels, ...shared });
    // The smaller of the block's two branches is padded.
    if (down) pixels = Math.max(outputPixels, halved(pixels, 2));
    inputChannels = channels;
  }
  return { convolutions, features: inputChannels };
}

/** Windows of a kernel that lie in the image, every second pixel. */
function halved(pixels: number, kernel: number): number {
  return Math.floor((pixels - kernel) / 2) + 1;
}

function parametersOf({ layer, kernel, inputChannels, channels }: AffineConvolution): ParameterSpec[] {
  const standardDeviation = Math.sqrt(2 / (kernel * kernel * channels));
  return [
    {
      name: filtersOf(layer),
      shape: [kernel, kernel, inputChannels, channels],
      decayGroup: 'weights',
      initialiser: { distribution: 'normal', standardDeviation },
    },
    {
      name: offsetsOf(layer),
      shape: [channels],
      decayGroup: 'normalisation',
      initialiser: { distribution: 'constant', value: 0 },
    },
  ];
}

function foldedConvolution(variables: Variables): DlibResNetConvolution {
  return (layer, x, stride, padding) => {
    const filters = variableOf(variables, filtersOf(layer)) as tf.Tensor4D;
    return tf.add(tf.conv2d(x, filters, stride, padding), variableOf(variables, offsetsOf(layer)));
  };
}

function variableOf(variables: Variables, name: string): tf.Tensor {
  const variable = variables[name];
  if (variable === undefined) throw new RangeError(`the variables lack ${name}`);
  return variable;
}

/**
 * dlib's own parameters with the scale of each convolution in its filters, as {@link dlibResNetBackbone} has them:
 * scale · (conv + bias) + bias' = (scale · conv) + (scale · bias + bias').
 */
export function foldedDlibResNet(parameters: DlibResNetParameters): Variables {
  const { convolutions } = layersOf();
  return tf.tidy(() => {
    const folded = convolutions.flatMap(({ layer }): [string, tf.Tensor][] => {
      const part = (name: string): tf.Tensor => variableOf(parameters, `${layer}/${name}`);
      const scale = part('scale/weights');
      return [
        [filtersOf(layer), tf.mul(part('conv/filters'), scale)],
        [offsetsOf(layer), tf.add(tf.mul(part('conv/bias'), scale), part('scale/biases'))],
      ];
    });
    return Object.fromEntries([...folded, [EMBEDDING, tf.clone(variableOf(parameters, EMBEDDING))]]);
  });
}

function multiplyAddsOf({ kernel, inputChannels, channels, outputPixels }: AffineConvolution): number {
  return outputPixels ** 2 * kernel ** 2 * inputChannels * channels;
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, extent) => product * extent, 1);
}
