import type * as tf from '@tensorflow/tfjs';

import type { ForwardPass } from './forward-pass.js';

/** Extents of one sample's feature map; a vector is a map of 1x1. */
export interface FeatureShape {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/**
 * Parameters that share a weight decay: `weights` are filters, their biases and matrices; `last-layer` those of the
 * embedding layer and its norm where a paper sets it apart; `normalisation` scales and offsets of batch norm; `slopes` of
 * PReLU; `head` the class weights of the face loss, which no layer has.
 */
export type DecayGroup = 'weights' | 'last-layer' | 'normalisation' | 'slopes' | 'head';

/** How a parameter's first values are drawn. */
export type Initialiser =
  | { readonly distribution: 'constant'; readonly value: number }
  | { readonly distribution: 'normal'; readonly standardDeviation: number }
  /** Values between -limit and limit are equally likely. */
  | { readonly distribution: 'uniform'; readonly limit: number }
  /** Columns of a matrix of uniform numbers, each divided by its length. */
  | { readonly distribution: 'unit-columns' };

/** What gradient descent changes. */
export interface ParameterSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly initialiser: Initialiser;
  readonly decayGroup: DecayGroup;
}

/** A running statistic of batch norm: changed by averaging, never by gradients. */
export interface StatisticSpec {
  readonly name: string;
  readonly shape: readonly number[];
  readonly initialValue: number;
}

/** A layer for one input shape: what it holds, what it costs and what it computes. */
export interface Layer {
  readonly parameters: readonly ParameterSpec[];
  readonly statistics: readonly StatisticSpec[];
  readonly output: FeatureShape;
  /**
   * Products of an activation and a weight, for one sample. Normalisation, activation functions, sums and biases are
   * not counted, as in the papers.
   */
  readonly multiplyAdds: number;
  /** [B, height, width, channels] of the input shape -> [B, height, width, channels] of `output` */
  readonly forward: (x: tf.Tensor4D, pass: ForwardPass) => tf.Tensor4D;
}

/** A layer yet without a name and an input shape: networks are composed of these. */
export type LayerDefinition = (name: string, input: FeatureShape) => Layer;
