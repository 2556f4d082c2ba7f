import * as tf from '@tensorflow/tfjs';

import { normalised } from '../../layers/batch-norm.js';
import { concatenationOf, identity, sequence, sumOf } from '../../layers/composition.js';
import { convolution, type ConvolutionOptions } from '../../layers/convolution.js';
import type { LayerDefinition } from '../../layers/layer.js';
import { numbered } from '../../layers/numbered.js';
import { prelu } from '../../layers/prelu.js';
import { squeezeExcitation } from '../../layers/squeeze-excitation.js';
import type { BackboneArchitecture } from '../backbone.js';
import { divisibleChannels } from '../divisible-channels.js';

/** GhostNet's Table 1: kernel, expanded and output channels before the width multiplier, stride, and attention. */
const BOTTLENECKS: readonly Bottleneck[] = [
  { kernel: 3, expanded: 16, channels: 16, stride: 1 },
  { kernel: 3, expanded: 48, channels: 24, stride: 2 },
  { kernel: 3, expanded: 72, channels: 24, stride: 1 },
  { kernel: 5, expanded: 72, channels: 40, stride: 2, isAttended: true },
  { kernel: 5, expanded: 120, channels: 40, stride: 1, isAttended: true },
  { kernel: 3, expanded: 240, channels: 80, stride: 2 },
  { kernel: 3, expanded: 200, channels: 80, stride: 1 },
  { kernel: 3, expanded: 184, channels: 80, stride: 1 },
  { kernel: 3, expanded: 184, channels: 80, stride: 1 },
  { kernel: 3, expanded: 480, channels: 112, stride: 1, isAttended: true },
  { kernel: 3, expanded: 672, channels: 112, stride: 1, isAttended: true },
  { kernel: 5, expanded: 672, channels: 160, stride: 2, isAttended: true },
  { kernel: 5, expanded: 960, channels: 160, stride: 1 },
  { kernel: 5, expanded: 960, channels: 160, stride: 1, isAttended: true },
  { kernel: 5, expanded: 960, channels: 160, stride: 1 },
  { kernel: 5, expanded: 512, channels: 160, stride: 1, isAttended: true },
];

interface Bottleneck {
  readonly kernel: number;
  readonly expanded: number;
  readonly channels: number;
  readonly stride: number;
  /** Whether channels are weighed by squeeze and excitation. */
  readonly isAttended?: boolean;
}

const STEM_CHANNELS = 16;
const LAST_CHANNELS = 512;
const WIDTH = 1.3;

/**
 * GhostFaceNetV1 (Alansari et al., IEEE Access 2023) of width 1.3, with the strides of the first convolution 1 and 2: GhostNet with
 * PReLU and a global depthwise convolution at its end, after HamadYA/GhostFaceNets, `backbones/ghost_model.py` and
 * `GhostFaceNets.py`. Where the resolution is halved TensorFlow pads with zeros at the end alone; here it is done on both
 * sides, as in all other networks here, so that pixels are picked one further up and left.
 */
export const ghostFaceNet: readonly BackboneArchitecture[] = [1, 2].map((stride) => ({
  name: `ghostfacenetv1-${WIDTH}-${stride}`,
  source: 'Alansari et al. 2023, IEEE Access 11; HamadYA/GhostFaceNets',
  defaultEmbeddingSize: 512,
  network: (embeddingSize) =>
    sequence({
      stem: activated({ channels: widened(STEM_CHANNELS), kernel: 3, stride }),
      ...numbered('block', BOTTLENECKS.map(bottleneck)),
      widen: activated({ channels: widened(LAST_CHANNELS), kernel: 1 }),
      global: normalised(
        convolution({ channels: widened(LAST_CHANNELS), kernel: 'global', groups: 'depthwise' }),
      ),
      // Their training scripts give it a bias where the stride is 1.
      embedding: normalised(convolution({ channels: embeddingSize, kernel: 1, hasBias: stride === 1 })),
    }),
}));

function widened(channels: number): number {
  return divisibleChannels(channels * WIDTH, 4);
}

/** Two ghost modules with a depthwise convolution between them where the resolution is halved, beside a shortcut. */
function bottleneck({ kernel, expanded, channels, stride, isAttended = false }: Bottleneck): LayerDefinition {
  return (name, input) => {
    const [hidden, output] = [widened(expanded), widened(channels)];
    const filter = (width: number): LayerDefinition =>
      normalised(convolution({ channels: width, kernel, stride, groups: 'depthwise' }));
    const path = sequence({
      expand: ghost(hidden, activated),
      ...(stride === 1 ? {} : { depthwise: filter(hidden) }),
      ...(isAttended ? { attention } : {}),
      project: ghost(output, (options) => normalised(convolution(options))),
    });
    const projection = sequence({
      depthwise: filter(input.channels),
      project: normalised(convolution({ channels: output, kernel: 1 })),
    });
    const isSame = stride === 1 && input.channels === output;
    return sumOf({ path, shortcut: isSame ? identity : projection })(name, input);
  };
}

/** Half of the channels by a 1x1 convolution, the other half made of them by filtering each. */
function ghost(channels: number, layer: (options: ConvolutionOptions) => LayerDefinition): LayerDefinition {
  const half = channels / 2;
  return sequence({
    primary: layer({ channels: half, kernel: 1 }),
    cheap: concatenationOf({
      kept: identity,
      made: layer({ channels: half, kernel: 3, groups: 'depthwise' }),
    }),
  });
}

/** With Keras' hard sigmoid, a straight line through 1/2 from -2.5 to 2.5. */
const attention = squeezeExcitation((channels) => divisibleChannels(channels / 4, 4), {
  gate: (x) => tf.clipByValue(tf.add<tf.Tensor4D>(tf.mul(x, 0.2), 0.5), 0, 1),
});

function activated(options: ConvolutionOptions): LayerDefinition {
  return sequence({ convolution: normalised(convolution(options)), activation: prelu });
}
