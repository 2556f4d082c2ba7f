import * as tf from '@tensorflow/tfjs';

import {
  DLIB_RESNET_INPUT_PIXELS,
  dlibResNet,
  type DlibResNetParameters,
} from '../../learning/backbones/dlib-resnet.js';
import type { TracedFunction } from '../../compiler/index.js';
import { type WeightFile, weightSpecsOf } from './weight-file.js';

/** A tfjs function of one batch of images, with its weights. */
export interface ImageFunction extends TracedFunction {
  /** Square images: side in pixels. */
  readonly inputPixels: number;
}

const IMAGE_INPUT = 'image';

/** [n, 150, 150, 3] -> embedding [n, 128], any n. */
export function dlibResNetFunction(file: WeightFile): ImageFunction {
  const parameters: DlibResNetParameters = tf.io.decodeWeights(file.weights.buffer, weightSpecsOf(file));
  return {
    name: 'dlib-resnet',
    inputPixels: DLIB_RESNET_INPUT_PIXELS,
    inputs: [imageInput(null, DLIB_RESNET_INPUT_PIXELS)],
    outputs: ['embedding'],
    run: (images) => [dlibResNet(parameters, images as tf.Tensor4D)],
  };
}

function imageInput(batchSize: number | null, sidePixels: number): TracedFunction['inputs'][number] {
  return {
    name: IMAGE_INPUT,
    shape: [batchSize, sidePixels, sidePixels, 3],
    dtype: 'float32',
    layout: 'NCHW',
  };
}
