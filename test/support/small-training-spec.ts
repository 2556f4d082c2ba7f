import { isFullSuite } from './full-suite.js';
import {
  type Backbone,
  type BackboneArchitecture,
  createBackbone,
} from '../../src/learning/backbones/backbone.js';
import { normalised } from '../../src/learning/layers/batch-norm.js';
import { identity, sequence, sumOf } from '../../src/learning/layers/composition.js';
import { backboneArchitecture } from '../../src/learning/backbones/catalogue.js';
import { convolution, type ConvolutionOptions } from '../../src/learning/layers/convolution.js';
import type { LayerDefinition } from '../../src/learning/layers/layer.js';
import { prelu } from '../../src/learning/layers/prelu.js';
import type { TrainingBatch } from '../../src/learning/sampler/training-batch.js';
import { createFaceLoss } from '../../src/learning/losses/face-losses.js';
import type { SgdOptions, TrainingSpec } from '../../src/learning/step/training-spec.js';

const SIDE = 16;
const SAMPLES = 8;
const SPLIT_SLOTS = 2;
const CLASSES = 5;
const EMBEDDING_SIZE = 8;

/**
 * One layer of each kind that MobileFaceNet has, with few channels: a step of it takes tfjs a few milliseconds, where
 * one of MobileFaceNet takes a second.
 */
const narrowFaceNet: BackboneArchitecture = {
  name: 'narrow-face-net',
  source: 'made for tests',
  defaultEmbeddingSize: EMBEDDING_SIZE,
  network: (embeddingSize) =>
    sequence({
      stem: activated({ channels: 8, kernel: 3, stride: 2 }),
      bottleneck: sumOf({
        shortcut: identity,
        path: sequence({
          expand: activated({ channels: 16, kernel: 1 }),
          depthwise: activated({ channels: 16, kernel: 3, groups: 'depthwise' }),
          project: normalised(convolution({ channels: 8, kernel: 1 })),
        }),
      }),
      reduce: activated({ channels: 16, kernel: 3, stride: 2, groups: 2 }),
      global: normalised(convolution({ channels: 16, kernel: 'global', groups: 'depthwise' })),
      embedding: normalised(convolution({ channels: embeddingSize, kernel: 1, decayGroup: 'last-layer' })),
    }),
};

function activated(options: ConvolutionOptions): LayerDefinition {
  return sequence({ convolution: normalised(convolution(options)), activation: prelu });
}

/** A design at the size of {@link someBatch}'s images; where none is given, a small one but in the full suite. */
export function smallBackbone(
  design: BackboneArchitecture = isFullSuite ? backboneArchitecture('mobilefacenet') : narrowFaceNet,
): Backbone {
  return createBackbone(design, {
    inputSize: { height: SIDE, width: SIDE },
    embeddingSize: EMBEDDING_SIZE,
  });
}

interface SmallTrainingSpecOptions extends Partial<
  Pick<TrainingSpec, 'faceLoss' | 'symmetry' | 'normalisation' | 'accumulateSteps'>
> {
  readonly splitSlots?: number;
  readonly batchSize?: number;
  readonly sgd?: Partial<SgdOptions>;
  readonly backbone?: Backbone;
}

/** Of images of 16x16 pixels: small enough for tfjs' CPU backend. */
export function smallTrainingSpec(options: SmallTrainingSpecOptions = {}): TrainingSpec {
  const { faceLoss = createFaceLoss('arcface'), symmetry = {}, normalisation = 'live' } = options;
  const { splitSlots = SPLIT_SLOTS, batchSize = SAMPLES, sgd = {}, accumulateSteps = 1 } = options;
  return {
    backbone: options.backbone ?? smallBackbone(),
    faceLoss,
    classCount: CLASSES,
    symmetry,
    sgd: {
      momentum: 0.9,
      weightDecay: { weights: 5e-4, 'last-layer': 5e-3, normalisation: 0, slopes: 0, head: 5e-4 },
      ...sgd,
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
