/** What every measurement of a training step trains: one of our networks with ArcFace, over 1,000 classes unless others are asked for. */
import { createBackbone } from '../../dist/learning/backbones/backbone.js';
import { backboneArchitecture } from '../../dist/learning/backbones/catalogue.js';
import { sampledClassCount } from '../../dist/learning/step/sampled-classes.js';
import { arcFace } from '../../dist/learning/losses/face/arc-face.js';

export const learningRate = 0.01;

/**
 * @typedef {object} BenchTraining
 * @property {string} backbone its name
 * @property {number} batchSize
 * @property {number} side pixels of the images
 * @property {'live' | 'frozen'} normalisation
 * @property {number} [classCount]
 * @property {number} [sampleRate] the share of the classes that a step is computed on; undefined: all
 * @property {number} [embeddingSize]
 * @property {boolean} [splitHead]
 */

/** @param {BenchTraining} training */
export function benchTrainingSpec(training) {
  const { backbone, batchSize, side, normalisation, classCount = 1000, sampleRate, embeddingSize } = training;
  const { splitHead = false } = training;
  const decay = 4e-5;
  return {
    backbone: createBackbone(backboneArchitecture(backbone), {
      inputSize: { height: side, width: side },
      ...(embeddingSize !== undefined && { embeddingSize }),
    }),
    faceLoss: arcFace({ scale: 32, marginRadians: 0.45 }),
    classCount,
    ...(sampleRate !== undefined && { sampledClasses: sampledClassCount(sampleRate, classCount, batchSize) }),
    splitHead,
    symmetry: {},
    sgd: {
      momentum: 0.9,
      weightDecay: { weights: decay, 'last-layer': decay, normalisation: decay, slopes: decay, head: decay },
    },
    normalisation,
    batch: { batchSize, splitSlots: 0, imageHeight: side, imageWidth: side },
  };
}
