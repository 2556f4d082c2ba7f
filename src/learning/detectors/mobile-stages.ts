import { normalised } from '../layers/batch-norm.js';
import { sequence, type NamedLayers } from '../layers/composition.js';
import { convolution, type ConvolutionOptions } from '../layers/convolution.js';
import type { LayerDefinition } from '../layers/layer.js';
import { leakyRelu } from '../layers/leaky-relu.js';
import { numbered } from '../layers/numbered.js';

const SLOPE = 0.1;

/** Blocks of MobileNetV1 (Howard et al., arXiv 1704.04861). @param blocks output channels and stride of each */
export function separables(...blocks: readonly (readonly [number, number])[]): NamedLayers {
  return numbered(
    'block',
    blocks.map(([channels, stride]) => separable(channels, stride)),
  );
}

/** Filters each channel, then mixes them by 1x1. */
function separable(channels: number, stride: number): LayerDefinition {
  return (name, input) =>
    sequence({
      depthwise: activated({ channels: input.channels, kernel: 3, stride, groups: 'depthwise' }),
      pointwise: activated({ channels, kernel: 1 }),
    })(name, input);
}

/** A convolution, batch norm and a leaky ReLU. */
export function activated(options: ConvolutionOptions): LayerDefinition {
  return sequence({ convolution: normalised(convolution(options)), activation: leakyRelu(SLOPE) });
}
