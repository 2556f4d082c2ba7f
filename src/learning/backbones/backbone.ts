import * as tf from '@tensorflow/tfjs';

import { ForwardPass, type ForwardMode, type Variables } from '../layers/forward-pass.js';
import type { FeatureShape, LayerDefinition, ParameterSpec, StatisticSpec } from '../layers/layer.js';

/** A network of the literature, before its input and embedding sizes are chosen. */
export interface BackboneArchitecture {
  /** Lower-case letters, digits, dots and dashes. */
  readonly name: string;
  /** The paper and the definition that was followed. */
  readonly source: string;
  /** Length of the embedding in the SymFace paper (or, where it does not say, the network's own). */
  readonly defaultEmbeddingSize: number;
  /** The share of the dropped layer's features that is dropped, where the design has one. */
  readonly dropoutRate?: number;
  /** The shape of that layer's input for an image of that size. */
  readonly droppedShape?: (input: InputSize) => FeatureShape;
  readonly network: (embeddingSize: number) => LayerDefinition;
}

export interface InputSize {
  readonly height: number;
  readonly width: number;
}

export interface BackboneOutput {
  /** [B, D], not normalised */
  readonly embeddings: tf.Tensor2D;
  /** Running statistics after this batch, by name; empty where they are frozen. */
  readonly statistics: Variables;
}

/** A network that embeds aligned faces, described so that it can be initialised, counted, stored and evaluated. */
export interface Backbone {
  readonly name: string;
  readonly source: string;
  readonly inputSize: InputSize;
  readonly embeddingSize: number;
  /** The parameters in the order of evaluation. */
  readonly parameters: readonly ParameterSpec[];
  readonly statistics: readonly StatisticSpec[];
  readonly parameterCount: number;
  /** The multiply-adds of one image; see {@link Layer.multiplyAdds}. */
  readonly multiplyAdds: number;
  /** What its authors drop, where it has a layer that is dropped. */
  readonly dropoutRate: number | undefined;
  /** Extents of that layer's input, for one image. */
  readonly droppedShape: FeatureShape | undefined;
  /** Whether it is made of blocks that can be recomputed on the way back. Absent: no */
  readonly hasBlocks?: true;

  /**
   * @param images     [B, H, W, 3] RGB, (x - 127.5) / 128
   * @param variables  every parameter and statistic by name
   */
  forward(images: tf.Tensor4D, variables: Variables, mode: ForwardMode): BackboneOutput;
}

export interface BackboneOptions {
  /** Default: 112x112. */
  readonly inputSize?: InputSize;
  /** Default: the design's. */
  readonly embeddingSize?: number;
}

/** What all these networks divide the input's extents by. */
const REDUCTION = 16;

/** @throws RangeError where the input's extents are no multiples of 16 or the embedding size is no positive integer */
export function createBackbone(design: BackboneArchitecture, options: BackboneOptions = {}): Backbone {
  const { inputSize = { height: 112, width: 112 }, embeddingSize = design.defaultEmbeddingSize } = options;
  const input: FeatureShape = { ...inputSize, channels: 3 };
  for (const extent of [input.height, input.width]) {
    if (!(extent > 0) || extent % REDUCTION !== 0) {
      throw new RangeError(`${design.name}: ${extent} pixels are no positive multiple of ${REDUCTION}`);
    }
  }
  if (!Number.isInteger(embeddingSize) || embeddingSize < 1) {
    throw new RangeError(`${design.name}: an embedding of ${embeddingSize} numbers is not possible`);
  }
  const network = design.network(embeddingSize)('', input);
  const { parameters, statistics, multiplyAdds } = network;
  return {
    name: design.name,
    source: design.source,
    inputSize,
    embeddingSize,
    parameters,
    statistics,
    parameterCount: parameters.reduce((sum, { shape }) => sum + tf.util.sizeFromShape([...shape]), 0),
    multiplyAdds,
    dropoutRate: design.dropoutRate,
    droppedShape: design.droppedShape?.(inputSize),
    hasBlocks: true,
    forward: (images, variables, mode) => {
      const pass = new ForwardPass(variables, mode);
      const features = network.forward(images, pass); // [B, 1, 1, D]
      const embeddings = tf.reshape<tf.Rank.R2>(features, [images.shape[0], embeddingSize]);
      return { embeddings, statistics: pass.updatedStatistics };
    },
  };
}
