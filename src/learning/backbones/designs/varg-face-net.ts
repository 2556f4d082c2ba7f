import { normalised, type BatchNormOptions } from '../../layers/batch-norm.js';
import { identity, sequence, sumOf } from '../../layers/composition.js';
import { convolution, type ConvolutionOptions } from '../../layers/convolution.js';
import type { LayerDefinition } from '../../layers/layer.js';
import { linear } from '../../layers/linear.js';
import { numbered } from '../../layers/numbered.js';
import { prelu } from '../../layers/prelu.js';
import { squeezeExcitation } from '../../layers/squeeze-excitation.js';
import type { BackboneArchitecture } from '../backbone.js';

/** Channels of a group: what makes the number of groups variable. */
const GROUP_CHANNELS = 8;
/** 32, 64, 128 and 256 channels times the width multiplier 1.25. */
const HEAD_CHANNELS = 40;
const STAGES = [
  { channels: 80, blocks: 3 },
  { channels: 160, blocks: 7 },
  { channels: 320, blocks: 4 },
] as const;
const LAST_CHANNELS = 1024;
/** The group convolutions' output channels per input channel. */
const EXPANSION = 2;
const SQUEEZE_REDUCTION = 4;
const NORM: BatchNormOptions = { epsilon: 2e-5 };

/**
 * VarGFaceNet (Yan et al., "VarGFaceNet: An Efficient Variable Group Convolutional Neural Network for Lightweight Face
 * Recognition", ICCVW 2019, arXiv 1910.04985), after the authors' `VarGFaceNet.py` (zma-c-137/VarGFaceNet) with its
 * defaults: width 1.25, squeeze-and-excitation, PReLU.
 */
export const vargFaceNet: BackboneArchitecture = {
  name: 'vargfacenet',
  source: 'Yan et al. 2019, arXiv 1910.04985; zma-c-137/VarGFaceNet',
  defaultEmbeddingSize: 512,
  network: (embeddingSize) =>
    sequence({
      head: activated({ channels: HEAD_CHANNELS, kernel: 3 }),
      headBlock: normalBlock({ channels: HEAD_CHANNELS, stride: 2, expansion: 1 }),
      ...numbered('block', STAGES.flatMap(stage)),
      widen: activated({ channels: LAST_CHANNELS, kernel: 1 }),
      global: grouped({ channels: LAST_CHANNELS, kernel: 'global' }),
      narrow: activated({ channels: LAST_CHANNELS / 2, kernel: 1 }),
      embedding: normalised(linear(embeddingSize), NORM),
    }),
};

interface BlockOptions {
  readonly channels: number;
  readonly stride: number;
  readonly expansion: number;
}

function stage({ channels, blocks }: (typeof STAGES)[number]): LayerDefinition[] {
  const repeated = normalBlock({ channels, stride: 1, expansion: EXPANSION });
  return [downBlock(channels), ...Array.from({ length: blocks - 1 }, () => repeated)];
}

/** The paper's Figure 1 a: two separable group convolutions and squeeze-and-excitation beside the shortcut. */
function normalBlock({ channels, stride, expansion }: BlockOptions): LayerDefinition {
  return sequence({
    sum: sumOf({
      path: sequence({
        first: separable({ channels, stride, expansion }),
        activation: prelu,
        second: separable({ channels, stride: 1, expansion }),
        attention: squeezeExcitation((width) => Math.floor(width / SQUEEZE_REDUCTION)),
      }),
      shortcut: stride === 1 ? identity : separable({ channels, stride, expansion }),
    }),
    activation: prelu,
  });
}

/** The paper's Figure 1 b: halves the resolution in two parallel branches, merged before the second convolution. */
function downBlock(channels: number): LayerDefinition {
  const halving = separable({ channels, stride: 2, expansion: EXPANSION });
  return sequence({
    sum: sumOf({
      path: sequence({
        merge: sumOf({ branch1: halving, branch2: halving }),
        activation: prelu,
        second: separable({ channels, stride: 1, expansion: EXPANSION }),
      }),
      shortcut: halving,
    }),
    activation: prelu,
  });
}

/** A group convolution that widens, and a pointwise one that narrows, without an activation at its end. */
function separable({ channels, stride, expansion }: BlockOptions): LayerDefinition {
  return (name, input) =>
    sequence({
      group: grouped({ channels: input.channels * expansion, kernel: 3, stride }),
      activation: prelu,
      pointwise: normalised(convolution({ channels, kernel: 1 }), NORM),
    })(name, input);
}

function grouped(options: ConvolutionOptions): LayerDefinition {
  return (name, input) =>
    normalised(convolution({ ...options, groups: input.channels / GROUP_CHANNELS }), NORM)(name, input);
}

function activated(options: ConvolutionOptions): LayerDefinition {
  return sequence({ convolution: normalised(convolution(options), NORM), activation: prelu });
}
