/** What every measurement of a training step trains: one of our networks with ArcFace over 1,000 classes. */
import { createBackbone } from '../../dist/learning/backbones/backbone.js';
import { backboneArchitecture } from '../../dist/learning/backbones/catalogue.js';
import { arcFace } from '../../dist/learning/losses/face/arc-face.js';

export const classCount = 1000;
export const learningRate = 0.01;

export function benchTrainingSpec({ backbone, batchSize, side, normalisation }) {
  const decay = 4e-5;
  return {
    backbone: createBackbone(backboneArchitecture(backbone), { inputSize: { height: side, width: side } }),
    faceLoss: arcFace({ scale: 32, marginRadians: 0.45 }),
    classCount,
    symmetry: {},
    sgd: {
      momentum: 0.9,
      weightDecay: { weights: decay, 'last-layer': decay, normalisation: decay, slopes: decay },
    },
    normalisation,
    batch: { batchSize, splitSlots: 0, imageHeight: side, imageWidth: side },
  };
}
