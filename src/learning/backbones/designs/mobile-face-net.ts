import { normalised } from '../../layers/batch-norm.js';
import { identity, sequence, sumOf } from '../../layers/composition.js';
import { convolution, type ConvolutionOptions } from '../../layers/convolution.js';
import type { LayerDefinition } from '../../layers/layer.js';
import { numbered } from '../../layers/numbered.js';
import { prelu } from '../../layers/prelu.js';
import type { BackboneArchitecture } from '../backbone.js';

/** The paper's Table 1: expansion t, output channels c, repetitions n, stride s of the first of them. */
const BOTTLENECKS = [
  { expansion: 2, channels: 64, repeats: 5, stride: 2 },
  { expansion: 4, channels: 128, repeats: 1, stride: 2 },
  { expansion: 2, channels: 128, repeats: 6, stride: 1 },
  { expansion: 4, channels: 128, repeats: 1, stride: 2 },
  { expansion: 2, channels: 128, repeats: 2, stride: 1 },
] as const;

/**
 * MobileFaceNet (Chen et al., "MobileFaceNets: Efficient CNNs for Accurate Real-Time Face Verification on Mobile
 * Devices", CCBR 2018, arXiv 1804.07573, Table 1): inverted residual bottlenecks with PReLU, ended by a linear global
 * depthwise convolution in place of average pooling. Compared with Xiaoccer/MobileFaceNet_Pytorch, `core/model.py`.
 */
export const mobileFaceNet: BackboneArchitecture = {
  name: 'mobilefacenet',
  source: 'Chen et al. 2018, arXiv 1804.07573, Table 1',
  defaultEmbeddingSize: 128,
  network: (embeddingSize) =>
    sequence({
      stem: activated({ channels: 64, kernel: 3, stride: 2 }),
      stemDepthwise: activated({ channels: 64, kernel: 3, groups: 'depthwise' }),
      ...numbered('block', bottlenecks()),
      widen: activated({ channels: 512, kernel: 1 }),
      global: normalised(convolution({ channels: 512, kernel: 'global', groups: 'depthwise' })),
      // Its weight decay is ten times the others' (the paper's section 4.1), with its norm as Xiaoccer's train.py has it.
      embedding: normalised(convolution({ channels: embeddingSize, kernel: 1, decayGroup: 'last-layer' }), {
        decayGroup: 'last-layer',
      }),
    }),
};

function bottlenecks(): LayerDefinition[] {
  return BOTTLENECKS.flatMap(({ expansion, channels, repeats, stride }) =>
    Array.from({ length: repeats }, (_, index) => bottleneck(expansion, channels, index === 0 ? stride : 1)),
  );
}

/** Widens by 1x1, filters each channel, narrows by 1x1 without an activation; adds the input where shapes agree. */
function bottleneck(expansion: number, channels: number, stride: number): LayerDefinition {
  return (name, input) => {
    const hidden = input.channels * expansion;
    const path = sequence({
      expand: activated({ channels: hidden, kernel: 1 }),
      depthwise: activated({ channels: hidden, kernel: 3, stride, groups: 'depthwise' }),
      project: normalised(convolution({ channels, kernel: 1 })),
    });
    const isResidual = stride === 1 && input.channels === channels;
    return (isResidual ? sumOf({ shortcut: identity, path }) : path)(name, input);
  };
}

function activated(options: ConvolutionOptions): LayerDefinition {
  return sequence({ convolution: normalised(convolution(options)), activation: prelu });
}
