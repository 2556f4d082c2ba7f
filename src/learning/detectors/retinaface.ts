import * as tf from '@tensorflow/tfjs';

import { RETINAFACE_LEVELS, retinaFaceAnchors } from '../../core/faces/retinaface-anchors.js';
import { normalised } from '../layers/batch-norm.js';
import { concatenationOf, sequence } from '../layers/composition.js';
import { convolution } from '../layers/convolution.js';
import { ForwardPass } from '../layers/forward-pass.js';
import type { Layer, LayerDefinition } from '../layers/layer.js';
import { leakyRelu } from '../layers/leaky-relu.js';
import { nearestDoubling } from '../operations/nearest-doubling.js';
import type { DetectorNetwork } from './detector-network.js';
import { activated, separables } from './mobile-stages.js';

/** What the design leaves open. */
export interface RetinaFaceOptions {
  /** Channels of the feature pyramid and its context modules, a multiple of 4; the reference has 64. */
  readonly width: number;
  /** Channels of the first convolution; the reference has 8. */
  readonly stemChannels: number;
}

const ANCHORS_PER_PLACE = 2;
/** The largest stride. */
const REDUCTION = 32;
/** What an anchor is first thought to be a face with (Lin et al., "Focal loss", section 3.3). */
const PRIOR_PROBABILITY = 0.01;
const HEAD_DEVIATION = 0.01;

/**
 * RetinaFace (Deng et al., arXiv 1905.00641) as Pytorch_Retinaface has it with a MobileNetV1 of a quarter of the width: feature
 * pyramid, SSH context modules and heads by one pixel. There, an anchor has a logit for each of two classes; here it has
 * their difference, which is all that the softmax of two depends on.
 *
 * @throws RangeError where the extents are no multiples of 32 or the width none of 4
 */
export function retinaFace(
  inputSize: DetectorNetwork['inputSize'],
  options: RetinaFaceOptions,
): DetectorNetwork {
  for (const extent of [inputSize.width, inputSize.height]) {
    if (!(extent > 0) || extent % REDUCTION !== 0)
      throw new RangeError(`a side of ${extent} pixels is no positive multiple of ${REDUCTION}`);
  }
  if (!(options.width > 0) || options.width % 4 !== 0)
    throw new RangeError(`a width of ${options.width} channels is no positive multiple of 4`);
  const parts = partsOf(inputSize, options);
  const layers = [
    ...parts.stages,
    ...parts.laterals,
    ...parts.merges,
    ...parts.contexts,
    ...parts.heads.flat(),
  ];
  return {
    name: 'retinaface-mobilenet0.25',
    inputSize,
    parameters: layers.flatMap(({ parameters }) => parameters),
    statistics: layers.flatMap(({ statistics }) => statistics),
    multiplyAdds: layers.reduce((sum, { multiplyAdds }) => sum + multiplyAdds, 0),
    anchors: retinaFaceAnchors(inputSize.width, inputSize.height),
    forward: (images, variables, mode) => {
      const pass = new ForwardPass(variables, mode);
      const [logits, boxes, landmarks] = headsOf(parts, pyramidOf(parts, images, pass), pass);
      return {
        logits: tf.squeeze<tf.Tensor2D>(logits, [2]),
        boxes,
        landmarks,
        statistics: pass.updatedStatistics,
      };
    },
  };
}

interface Parts {
  /** The backbone up to strides 8, 16 and 32, each on the one before. */
  readonly stages: readonly Layer[];
  /** Bring each stage's map to the pyramid's width. */
  readonly laterals: readonly Layer[];
  /** Of strides 8 and 16: filter the sum with the coarser map. */
  readonly merges: readonly Layer[];
  readonly contexts: readonly Layer[];
  /** For each map: classes, boxes, landmarks. */
  readonly heads: readonly (readonly Layer[])[];
}

function partsOf(
  { width: imageWidth, height }: DetectorNetwork['inputSize'],
  { width, stemChannels }: RetinaFaceOptions,
): Parts {
  let shape = { height, width: imageWidth, channels: 3 };
  const stages = stageDefinitions(stemChannels).map((define, index) => {
    const stage = define(`stage${index + 1}`, shape);
    shape = stage.output;
    return stage;
  });
  const laterals = stages.map(({ output }, index) =>
    activated({ channels: width, kernel: 1 })(`lateral${index + 1}`, output),
  );
  const merges = laterals
    .slice(0, -1)
    .map(({ output }, index) => activated({ channels: width, kernel: 3 })(`merge${index + 1}`, output));
  const contexts = laterals.map(({ output }, index) => contextModule(width)(`context${index + 1}`, output));
  const heads = contexts.map(({ output }, index) => [
    head(1, logitOf(PRIOR_PROBABILITY))(`classes${index + 1}`, output),
    head(4)(`boxes${index + 1}`, output),
    head(10)(`landmarks${index + 1}`, output),
  ]);
  return { stages, laterals, merges, contexts, heads };
}

/** MobileNetV1 (Howard et al., arXiv 1704.04861), a quarter as wide, up to its last map but without its classifier. */
function stageDefinitions(stemChannels: number): readonly LayerDefinition[] {
  return [
    sequence({
      stem: activated({ channels: stemChannels, kernel: 3, stride: 2 }),
      ...separables([16, 1], [32, 2], [32, 1], [64, 2], [64, 1]),
    }),
    sequence(separables([128, 2], [128, 1], [128, 1], [128, 1], [128, 1], [128, 1])),
    sequence(separables([256, 2], [256, 1])),
  ];
}

/** SSH's context module (Najibi et al., arXiv 1708.03979): windows of 3, 5 and 7 as one, two and three of 3x3. */
function contextModule(width: number): LayerDefinition {
  const [half, quarter] = [width / 2, width / 4];
  const plain = (channels: number): LayerDefinition => normalised(convolution({ channels, kernel: 3 }));
  return sequence({
    windows: concatenationOf({
      three: plain(half),
      wider: sequence({
        narrow: activated({ channels: quarter, kernel: 3 }),
        branches: concatenationOf({
          five: plain(quarter),
          seven: sequence({ first: activated({ channels: quarter, kernel: 3 }), second: plain(quarter) }),
        }),
      }),
    }),
    activation: leakyRelu(0),
  });
}

/** A convolution by one pixel to so many numbers an anchor. */
function head(numbersPerAnchor: number, initialBias = 0): LayerDefinition {
  return convolution({
    channels: ANCHORS_PER_PLACE * numbersPerAnchor,
    kernel: 1,
    hasBias: true,
    initialBias,
    initialiser: { distribution: 'normal', standardDeviation: HEAD_DEVIATION },
  });
}

/** The pyramid's maps of strides 8, 16 and 32, each seen in its context. */
function pyramidOf(
  { stages, laterals, merges, contexts }: Parts,
  images: tf.Tensor4D,
  pass: ForwardPass,
): readonly tf.Tensor4D[] {
  let features = images;
  const maps = stages.map((stage, index) => {
    features = stage.forward(features, pass);
    return layerAt(laterals, index).forward(features, pass);
  });
  // From the coarsest down: what a finer map is merged with is merged already.
  for (let index = merges.length - 1; index >= 0; index--) {
    const sum = tf.add<tf.Tensor4D>(mapAt(maps, index), nearestDoubling(mapAt(maps, index + 1)));
    maps[index] = layerAt(merges, index).forward(sum, pass);
  }
  return maps.map((map, index) => layerAt(contexts, index).forward(map, pass));
}

/** [B, N, numbers of an anchor] of each head, map by map. */
function headsOf(
  { heads }: Parts,
  maps: readonly tf.Tensor4D[],
  pass: ForwardPass,
): [tf.Tensor3D, tf.Tensor3D, tf.Tensor3D] {
  const outputOf = (which: number): tf.Tensor3D =>
    tf.concat(
      maps.map((map, level) => {
        const y = layerAt(heads[level] ?? [], which).forward(map, pass); // [B, h, w, 2 · numbers]
        const [batch, height, width, channels] = y.shape;
        return tf.reshape<tf.Rank.R3>(y, [
          batch,
          height * width * ANCHORS_PER_PLACE,
          channels / ANCHORS_PER_PLACE,
        ]);
      }),
      1,
    );
  return [outputOf(0), outputOf(1), outputOf(2)];
}

function layerAt(layers: readonly Layer[], index: number): Layer {
  const layer = layers[index];
  if (layer === undefined)
    throw new RangeError(`the network has no layer ${index} of ${RETINAFACE_LEVELS.length}`);
  return layer;
}

function mapAt(maps: readonly tf.Tensor4D[], index: number): tf.Tensor4D {
  const map = maps[index];
  if (map === undefined) throw new RangeError(`the pyramid has no map ${index}`);
  return map;
}

function logitOf(probability: number): number {
  return -Math.log((1 - probability) / probability);
}
