import { batchNorm, normalised } from '../../layers/batch-norm.js';
import { identity, sequence, sumOf } from '../../layers/composition.js';
import { convolution, type ConvolutionOptions } from '../../layers/convolution.js';
import { dropout } from '../../layers/dropout.js';
import type { Initialiser, LayerDefinition } from '../../layers/layer.js';
import { linear } from '../../layers/linear.js';
import { numbered } from '../../layers/numbered.js';
import { prelu } from '../../layers/prelu.js';
import type { WeightLayerDefinition } from '../../layers/weight-layer.js';
import type { BackboneArchitecture } from '../backbone.js';

/** Units of the four stages; the first of each halves the resolution. */
const STAGE_UNITS = {
  18: [2, 2, 2, 2],
  34: [3, 4, 6, 3],
  50: [3, 4, 14, 3],
  100: [3, 13, 30, 3],
} as const;

const STAGE_CHANNELS = [64, 128, 256, 512] as const;

/** InsightFace's, in place of one that depends on the layer's width. */
const INITIALISER: Initialiser = { distribution: 'normal', standardDeviation: 0.1 };

/**
 * ResNet with improved residual units and the BN-Dropout-FC-BN end of ArcFace (Deng et al., 2019, arXiv 1801.07698,
 * section 3.2.2, its setting E), as InsightFace defines it: `recognition/arcface_torch/backbones/iresnet.py`.
 * Dropout is the paper's 0.4 where the caller passes a mask; without one there is none, which is iresnet's default.
 */
export const improvedResNet: readonly BackboneArchitecture[] = ([18, 34, 50, 100] as const).map((depth) =>
  ofDepth(depth),
);

function ofDepth(depth: keyof typeof STAGE_UNITS): BackboneArchitecture {
  return {
    name: `ir-${depth}`,
    source: 'Deng et al. 2019, arXiv 1801.07698; InsightFace iresnet.py',
    defaultEmbeddingSize: 512,
    dropoutRate: 0.4,
    droppedShape: ({ height, width }) => ({
      height: height / 2 ** STAGE_CHANNELS.length,
      width: width / 2 ** STAGE_CHANNELS.length,
      channels: STAGE_CHANNELS[3],
    }),
    network: (embeddingSize) =>
      sequence({
        stem: normalised(filters({ channels: 64, kernel: 3 })),
        stemActivation: prelu,
        ...numbered('unit', units(depth)),
        norm: batchNorm(),
        dropout,
        // γ of the embedding's normalisation is fixed at 1: a learnt length of each feature would undo the loss's scale.
        embedding: normalised(linear(embeddingSize), { hasScale: false }),
      }),
  };
}

function units(depth: keyof typeof STAGE_UNITS): LayerDefinition[] {
  return STAGE_UNITS[depth].flatMap((repeats, stage) => {
    const channels = STAGE_CHANNELS[stage] ?? 0;
    return Array.from({ length: repeats }, (_, index) => improvedUnit(channels, index === 0 ? 2 : 1));
  });
}

/** BN-Conv-BN-PReLU-Conv-BN beside the shortcut; nothing after their sum. The second convolution has the stride. */
function improvedUnit(channels: number, stride: number): LayerDefinition {
  return sumOf({
    path: sequence({
      // Stays apart from the convolution that follows: the zeros around the feature map are not normalised.
      norm: batchNorm(),
      first: normalised(filters({ channels, kernel: 3 })),
      activation: prelu,
      second: normalised(filters({ channels, kernel: 3, stride })),
    }),
    shortcut: stride === 1 ? identity : normalised(filters({ channels, kernel: 1, stride })),
  });
}

function filters(options: ConvolutionOptions): WeightLayerDefinition {
  return convolution({ ...options, initialiser: INITIALISER });
}
