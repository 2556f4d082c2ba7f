import type * as tf from '@tensorflow/tfjs';

import type { FaceAnchor } from '../../core/faces/retinaface-anchors.js';
import type { ForwardMode, Variables } from '../layers/forward-pass.js';
import type { ParameterSpec, StatisticSpec } from '../layers/layer.js';

/** What the network says of each anchor. */
export interface DetectorOutput {
  /** [B, N] logits of being a face */
  readonly logits: tf.Tensor2D;
  /** [B, N, 4] offset of the centre and log size, as the decoder reads them */
  readonly boxes: tf.Tensor3D;
  /** [B, N, 10] offsets of the five points */
  readonly landmarks: tf.Tensor3D;
  /** Running statistics after this batch, by name; empty where they are frozen. */
  readonly statistics: Variables;
}

/** A network that finds faces and their landmarks, for one size of images. */
export interface DetectorNetwork {
  readonly name: string;
  readonly inputSize: { readonly width: number; readonly height: number };
  readonly parameters: readonly ParameterSpec[];
  readonly statistics: readonly StatisticSpec[];
  readonly multiplyAdds: number;
  /** N of them, in the order of the outputs' rows. */
  readonly anchors: readonly FaceAnchor[];

  /** @param images [B, H, W, 3] RGB, (x - 127.5) / 128 @param variables every parameter and statistic by name */
  forward(images: tf.Tensor4D, variables: Variables, mode: ForwardMode): DetectorOutput;
}
