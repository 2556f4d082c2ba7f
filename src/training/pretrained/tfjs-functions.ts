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

/** Pixels of BlazeFace's and FaceMesh's square inputs, as their graphs declare them. */
const BLAZEFACE_INPUT_PIXELS = 256;
const FACE_MESH_INPUT_PIXELS = 192;
/** Anchors of BlazeFace's finer (stride 16) and coarser (stride 32) feature map. */
const BLAZEFACE_ANCHORS = [512, 384] as const;

/** [1, 256, 256, 3] -> probabilities [1, 896, 1], regressions [1, 896, 16]; the finer feature map's anchors first. */
export async function blazeFaceFunction(file: WeightFile): Promise<ImageFunction> {
  const model = await loadGraphModel(file);
  const joined = (outputs: readonly tf.Tensor[], rowLength: number): tf.Tensor3D =>
    tf.concat(
      BLAZEFACE_ANCHORS.map((anchors) => outputOfShape(outputs, [1, anchors, rowLength]) as tf.Tensor3D),
      1,
    );
  return {
    name: 'blazeface',
    inputPixels: BLAZEFACE_INPUT_PIXELS,
    inputs: [imageInput(1, BLAZEFACE_INPUT_PIXELS)],
    outputs: ['probabilities', 'regressions'],
    run: (image) => {
      const outputs = execute(model, image);
      return [tf.sigmoid(joined(outputs, 1)), joined(outputs, 16)];
    },
  };
}

/** [1, 192, 192, 3] -> points [1, 1404] as x, y, depth in pixels of the input, presence [1, 1]. */
export async function faceMeshFunction(file: WeightFile): Promise<ImageFunction> {
  const model = await loadGraphModel(file);
  return {
    name: 'facemesh',
    inputPixels: FACE_MESH_INPUT_PIXELS,
    inputs: [imageInput(1, FACE_MESH_INPUT_PIXELS)],
    outputs: ['points', 'presence'],
    run: (image) => {
      const outputs = execute(model, image);
      return [outputOfShape(outputs, [1, 1404]), outputOfShape(outputs, [1, 1])];
    },
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

function loadGraphModel(file: WeightFile): Promise<tf.GraphModel> {
  const { modelTopology } = file.description;
  if (modelTopology === undefined) {
    throw new Error(`the weights from ${file.origin.name} come without a network to load`);
  }
  const artifacts: tf.io.ModelArtifacts = {
    modelTopology,
    weightSpecs: weightSpecsOf(file),
    weightData: file.weights.buffer,
  };
  return tf.loadGraphModel({ load: () => Promise.resolve(artifacts) });
}

function execute(model: tf.GraphModel, image: tf.Tensor | undefined): readonly tf.Tensor[] {
  if (image === undefined) throw new RangeError('a graph model needs an image');
  const outputs = model.execute(image);
  return Array.isArray(outputs) ? outputs : [outputs];
}

/** Graph models name their outputs `Identity_2` and the like; their shapes say what they are. */
function outputOfShape(outputs: readonly tf.Tensor[], shape: readonly number[]): tf.Tensor {
  const found = outputs.find((output) => output.shape.join() === shape.join());
  if (found !== undefined) return found;
  const shapes = outputs.map((output) => `[${output.shape.join(', ')}]`).join(' ');
  throw new Error(`the graph model has no output [${shape.join(', ')}] but ${shapes}`);
}
