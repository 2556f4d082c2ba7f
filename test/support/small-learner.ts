import { createBackbone } from '../../src/learning/backbones/backbone.js';
import { backboneDesign } from '../../src/learning/backbones/catalogue.js';
import type { TrainingBatch } from '../../src/learning/sampler/training-batch.js';
import { createFaceLoss } from '../../src/learning/losses/face-losses.js';
import type { DescentOptions, Learner } from '../../src/learning/step/learner.js';

const SIDE = 16;
const SAMPLES = 8;
const SPLIT_SLOTS = 2;
const CLASSES = 5;

interface SmallLearnerOptions extends Partial<
  Pick<Learner, 'faceLoss' | 'symmetry' | 'normalisation' | 'accumulateSteps'>
> {
  readonly splitSlots?: number;
  readonly batchSize?: number;
  readonly descent?: Partial<DescentOptions>;
}

/** MobileFaceNet of 16x16 pixels: small enough for tfjs' CPU backend. */
export function smallLearner(options: SmallLearnerOptions = {}): Learner {
  const { faceLoss = createFaceLoss('arcface'), symmetry = {}, normalisation = 'live' } = options;
  const { splitSlots = SPLIT_SLOTS, batchSize = SAMPLES, descent = {}, accumulateSteps = 1 } = options;
  const inputSize = { height: SIDE, width: SIDE };
  return {
    backbone: createBackbone(backboneDesign('mobilefacenet'), { inputSize, embeddingSize: 8 }),
    faceLoss,
    classCount: CLASSES,
    symmetry,
    descent: {
      momentum: 0.9,
      weightDecay: { weights: 5e-4, 'last-layer': 5e-3, normalisation: 0, slopes: 0 },
      ...descent,
    },
    normalisation,
    batch: { batchSize, splitSlots, imageHeight: SIDE, imageWidth: SIDE },
    accumulateSteps,
  };
}

/** The same for the same step: noise, the last sample padding, one of two slots for split faces used. */
export function someBatch(step: number, splitSlots = SPLIT_SLOTS): TrainingBatch {
  const images = Float32Array.from({ length: SAMPLES * SIDE * SIDE * 3 }, (_, index) =>
    Math.sin(index * 12.9898 + step * 78.233),
  );
  return {
    images,
    labels: Int32Array.from({ length: SAMPLES }, (_, sample) => sample % CLASSES),
    sampleMask: Float32Array.from({ length: SAMPLES }, (_, sample) => (sample < SAMPLES - 1 ? 1 : 0)),
    rho: Float32Array.from({ length: splitSlots }, (_, slot) => (slot === 0 ? 0.6 : 0)),
  };
}
