import type { BackboneArchitecture } from '../../src/learning/backbones/backbone.js';
import { batchNorm, normalised } from '../../src/learning/layers/batch-norm.js';
import { channelShuffle } from '../../src/learning/layers/channel-shuffle.js';
import { identity, sequence, sumOf } from '../../src/learning/layers/composition.js';
import { convolution, type ConvolutionOptions } from '../../src/learning/layers/convolution.js';
import { dropout } from '../../src/learning/layers/dropout.js';
import type { LayerDefinition } from '../../src/learning/layers/layer.js';
import { linear } from '../../src/learning/layers/linear.js';
import { prelu } from '../../src/learning/layers/prelu.js';
import { squeezeExcitation } from '../../src/learning/layers/squeeze-excitation.js';
import { subsample } from '../../src/learning/layers/subsample.js';
import { splitThrough } from '../../src/learning/layers/split-convolution.js';
import { swish } from '../../src/learning/layers/swish.js';

/** Every kind of layer that a backbone is made of, in the smallest network that has them all. */
export const everyLayerNet: BackboneArchitecture = {
  name: 'every-layer',
  source: 'made for tests',
  defaultEmbeddingSize: 16,
  network: (embeddingSize) =>
    sequence({
      stem: activated({ channels: 16, kernel: 3, stride: 2 }),
      attended: sumOf({
        shortcut: identity,
        path: sequence({
          expand: activated({ channels: 32, kernel: 1 }),
          depthwise: activated({ channels: 32, kernel: 3, groups: 'depthwise' }),
          project: normalised(convolution({ channels: 16, kernel: 1 })),
          attention: squeezeExcitation((width) => width / 4, { activation: swish }),
        }),
      }),
      grouped: activated({ channels: 32, kernel: 3, groups: 4 }),
      // Of 32 channels: parts of 12, 10 and 10.
      mixed: normalised(
        splitThrough(3, (part) => convolution({ channels: [12, 10, 10][part]!, kernel: 1 + 2 * part })),
      ),
      shuffle: channelShuffle,
      halved: sumOf({
        shortcut: normalised(convolution({ channels: 32, kernel: 1, stride: 2 })),
        path: sequence({
          // Stays apart from the convolution that follows: the zeros around the feature map are not normalised.
          norm: batchNorm(),
          first: activated({ channels: 32, kernel: 3 }),
          second: normalised(convolution({ channels: 32, kernel: 3, stride: 2 })),
        }),
      }),
      quartered: sumOf({
        shortcut: subsample,
        path: normalised(convolution({ channels: 32, kernel: 3, stride: 2 })),
      }),
      global: normalised(convolution({ channels: 32, kernel: 'global', groups: 'depthwise' })),
      norm: batchNorm(),
      dropout,
      embedding: normalised(linear(embeddingSize), { hasScale: false }),
    }),
};

function activated(options: ConvolutionOptions): LayerDefinition {
  return sequence({ convolution: normalised(convolution(options)), activation: prelu });
}
