import * as tf from '@tensorflow/tfjs';

import { normalised } from '../../layers/batch-norm.js';
import { channelShuffle } from '../../layers/channel-shuffle.js';
import { composite, concatenationOf, sequence } from '../../layers/composition.js';
import { convolution, type ConvolutionOptions } from '../../layers/convolution.js';
import type { LayerDefinition } from '../../layers/layer.js';
import { numbered } from '../../layers/numbered.js';
import { prelu } from '../../layers/prelu.js';
import type { BackboneArchitecture } from '../backbone.js';

/** Channels of stages 2, 3 and 4 by width (ShuffleNetV2's Table 5). */
const WIDTHS = {
  'x0.5': [48, 96, 192],
  x1: [116, 232, 464],
  'x1.5': [176, 352, 704],
  x2: [244, 488, 976],
} as const;

/**
 * The channels of the convolution after the stages. ShuffleNetV2 x2 has 2048; the published 4.5 M parameters and
 * 1.05 GFLOPs of ShuffleFaceNet x2 come out with 1024 (with 2048 they would be 5.7 M and 1.15).
 */
const LAST_CHANNELS = 1024;

/** Units of stages 2, 3 and 4; the first of each halves the resolution. */
const STAGE_UNITS = [4, 8, 4] as const;

/**
 * ShuffleFaceNet (Martínez-Díaz et al., "ShuffleFaceNet: A Lightweight Face Architecture for Efficient and
 * Highly-Accurate Face Recognition", ICCVW 2019): ShuffleNetV2 with PReLU, no pooling after the stem, and a linear
 * global depthwise convolution with a 1x1 convolution as its end, as MobileFaceNet has. The units are those of
 * ShuffleNetV2 (Ma et al., 2018, Figure 3 c and d); compared with mbfaria/ShuffleFaceNet_Pytorch, `core/model.py`.
 */
export const shuffleFaceNet: readonly BackboneArchitecture[] = (
  Object.keys(WIDTHS) as readonly (keyof typeof WIDTHS)[]
).map((width) => ofWidth(width));

function ofWidth(width: keyof typeof WIDTHS): BackboneArchitecture {
  const stages = WIDTHS[width];
  return {
    name: `shufflefacenet-${width}`,
    source: 'Martínez-Díaz et al. 2019, ICCVW; units of ShuffleNetV2, arXiv 1807.11164',
    defaultEmbeddingSize: 128,
    network: (embeddingSize) =>
      sequence({
        stem: activated({ channels: 24, kernel: 3, stride: 2 }),
        ...numbered(
          'unit',
          STAGE_UNITS.flatMap((units, stage) => [
            downUnit(stages[stage] ?? 0),
            ...Array.from({ length: units - 1 }, () => basicUnit),
          ]),
        ),
        widen: activated({ channels: LAST_CHANNELS, kernel: 1 }),
        global: normalised(convolution({ channels: LAST_CHANNELS, kernel: 'global', groups: 'depthwise' })),
        embedding: normalised(convolution({ channels: embeddingSize, kernel: 1 })),
      }),
  };
}

/** Passes one half of the channels on and filters the other. */
const basicUnit: LayerDefinition = (name, input) => {
  const half = input.channels / 2;
  const path = filteringPath(half, 1)(`${name}.path`, { ...input, channels: half });
  const shuffle = channelShuffle(`${name}.shuffle`, input);
  return composite([path], input, (x, evaluation) => {
    const [kept, filtered] = tf.split(x, 2, 3) as [tf.Tensor4D, tf.Tensor4D];
    return shuffle.forward(tf.concat([kept, path.forward(filtered, evaluation)], 3), evaluation);
  });
};

/** Halves the resolution in two paths that each give half of the channels. */
function downUnit(channels: number): LayerDefinition {
  return (name, input) =>
    sequence({
      paths: concatenationOf({
        shortcut: sequence({
          depthwise: normalised(
            convolution({ channels: input.channels, kernel: 3, stride: 2, groups: 'depthwise' }),
          ),
          project: activated({ channels: channels / 2, kernel: 1 }),
        }),
        path: filteringPath(channels / 2, 2),
      }),
      shuffle: channelShuffle,
    })(name, input);
}

function filteringPath(channels: number, stride: number): LayerDefinition {
  return sequence({
    expand: activated({ channels, kernel: 1 }),
    depthwise: normalised(convolution({ channels, kernel: 3, stride, groups: 'depthwise' })),
    project: activated({ channels, kernel: 1 }),
  });
}

function activated(options: ConvolutionOptions): LayerDefinition {
  return sequence({ convolution: normalised(convolution(options)), activation: prelu });
}
