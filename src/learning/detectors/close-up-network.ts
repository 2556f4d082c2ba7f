import * as tf from '@tensorflow/tfjs';

import { closeUpAnchor } from '../../core/faces/close-up-anchor.js';
import { sequence } from '../layers/composition.js';
import { ForwardPass } from '../layers/forward-pass.js';
import { linear } from '../layers/linear.js';
import type { DetectorNetwork } from './detector-network.js';
import { activated, separables } from './mobile-stages.js';

/** Channels of the map that the last layer reads as a whole: it has to know where in the close-up it looks. */
const SUMMARY_CHANNELS = 64;
/** Logit, box and five points. */
const NUMBERS = [1, 4, 10] as const;
/** The stride of the last map. */
const REDUCTION = 16;

/**
 * The network that looks at one face from near: is it one, where are its box and its landmarks? One fully connected layer reads
 * a MobileNet's last map, as in MTCNN's output network (Zhang et al., arXiv 1604.02878); the numbers are those of an anchor of
 * RetinaFace that lies where the face should be, so that both are trained on the same loss.
 *
 * @throws RangeError where the side is no multiple of 16
 */
export function closeUpNetwork(sidePixels: number): DetectorNetwork {
  if (!(sidePixels > 0) || sidePixels % REDUCTION !== 0)
    throw new RangeError(`a side of ${sidePixels} pixels is no positive multiple of ${REDUCTION}`);
  const inputSize = { width: sidePixels, height: sidePixels };
  const layer = sequence({
    stem: activated({ channels: 16, kernel: 3, stride: 2 }),
    ...separables([32, 1], [64, 2], [64, 1], [128, 2], [128, 1], [128, 1], [256, 2], [256, 1]),
    summary: activated({ channels: SUMMARY_CHANNELS, kernel: 1 }),
    answer: linear(NUMBERS.reduce((sum, count) => sum + count, 0)),
  })('closeUp', { ...inputSize, channels: 3 });
  return {
    name: 'face-close-up',
    inputSize,
    parameters: layer.parameters,
    statistics: layer.statistics,
    multiplyAdds: layer.multiplyAdds,
    anchors: [closeUpAnchor(sidePixels)],
    forward: (images, variables, mode) => {
      const pass = new ForwardPass(variables, mode);
      const answer = tf.reshape<tf.Rank.R3>(layer.forward(images, pass), [images.shape[0], 1, -1]);
      const [logits, boxes, landmarks] = tf.split(answer, [...NUMBERS], 2) as [
        tf.Tensor3D,
        tf.Tensor3D,
        tf.Tensor3D,
      ];
      return {
        logits: tf.squeeze<tf.Tensor2D>(logits, [2]),
        boxes,
        landmarks,
        statistics: pass.updatedStatistics,
      };
    },
  };
}
