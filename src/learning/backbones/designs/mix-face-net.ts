import { normalised } from '../../layers/batch-norm.js';
import { identity, sequence, sumOf } from '../../layers/composition.js';
import { convolution, type ConvolutionOptions } from '../../layers/convolution.js';
import type { LayerDefinition } from '../../layers/layer.js';
import { numbered } from '../../layers/numbered.js';
import { prelu } from '../../layers/prelu.js';
import { splitSizes, splitThrough } from '../../layers/split-convolution.js';
import { squeezeExcitation } from '../../layers/squeeze-excitation.js';
import { swish } from '../../layers/swish.js';
import type { WeightLayerDefinition } from '../../layers/weight-layer.js';
import type { BackboneArchitecture } from '../backbone.js';
import { divisibleChannels } from '../divisible-channels.js';

/** A unit of MixNet; kernels are counts of parts that the channels are split into. */
interface MixUnit {
  readonly channels: number;
  readonly stride: number;
  readonly expansion: number;
  readonly expandParts: number;
  /** Filtered by kernels of 3, 5, 7 and so on. */
  readonly filterParts: number;
  readonly projectParts: number;
  /** How many times narrower than the unit's input the hidden layer of its attention is; 0 for none. */
  readonly squeeze: number;
  readonly activation: LayerDefinition;
}

/** MixNet-S: channels, stride, expansion, parts of expansion, filters and projection, and squeeze; its first stage has PReLU. */
const UNITS = [
  [24, 1, 6, 2, 1, 2, 0],
  [24, 1, 3, 2, 1, 2, 0],
  [40, 2, 6, 1, 3, 1, 2],
  [40, 1, 6, 2, 2, 2, 2],
  [40, 1, 6, 2, 2, 2, 2],
  [40, 1, 6, 2, 2, 2, 2],
  [80, 2, 6, 1, 3, 2, 4],
  [80, 1, 6, 1, 2, 2, 4],
  [80, 1, 6, 1, 2, 2, 4],
  [120, 1, 6, 2, 3, 2, 2],
  [120, 1, 3, 2, 4, 2, 2],
  [120, 1, 3, 2, 4, 2, 2],
  [200, 2, 6, 1, 5, 1, 2],
  [200, 1, 6, 1, 4, 2, 2],
  [200, 1, 6, 1, 4, 2, 2],
] as const;
const STEM_CHANNELS = 16;
const PRELU_UNITS = 2;

/** The width multiplier, and the channels before the global depthwise convolution. */
const SIZES = [
  { name: 'mixfacenet-xs', width: 0.5, lastChannels: 512 },
  { name: 'mixfacenet-s', width: 1, lastChannels: 1024 },
] as const;

/**
 * MixFaceNet-S and -XS (Boutros et al., IJCB 2021, arXiv 2107.13046): MixNet-S, whose depthwise convolutions have several kernels,
 * on half the resolution, and a global depthwise convolution at its end; after fdbtrs/mixfacenets,
 * `backbones/mixnetm.py`. The channel shuffle that its first block always has is left out: it changes the order of
 * channels alone. In the ShuffleMixFaceNets every unit has one.
 */
export const mixFaceNet: readonly BackboneArchitecture[] = SIZES.map(({ name, width, lastChannels }) => ({
  name,
  source: 'Boutros et al. 2021, arXiv 2107.13046; fdbtrs/mixfacenets',
  defaultEmbeddingSize: 512,
  network: (embeddingSize) =>
    sequence({
      stem: activated(convolution({ channels: scaled(STEM_CHANNELS, width), kernel: 3, stride: 2 }), prelu),
      stemUnit: mixUnit(stemUnit(width)),
      ...numbered('unit', unitsOf(width).map(mixUnit)),
      widen: activated(convolution({ channels: lastChannels, kernel: 1 }), prelu),
      global: normalised(convolution({ channels: lastChannels, kernel: 'global', groups: 'depthwise' })),
      // γ is fixed at 1.
      embedding: normalised(convolution({ channels: embeddingSize, kernel: 1 }), { hasScale: false }),
    }),
}));

function scaled(channels: number, width: number): number {
  return width === 1 ? channels : divisibleChannels(channels * width, 8);
}

function stemUnit(width: number): MixUnit {
  const single = { expandParts: 1, filterParts: 1, projectParts: 1 };
  const channels = scaled(STEM_CHANNELS, width);
  return { channels, stride: 1, expansion: 1, ...single, squeeze: 0, activation: prelu };
}

function unitsOf(width: number): MixUnit[] {
  return UNITS.map(
    ([channels, stride, expansion, expandParts, filterParts, projectParts, squeeze], index) => ({
      channels: scaled(channels, width),
      ...{ stride, expansion, expandParts, filterParts, projectParts, squeeze },
      activation: index < PRELU_UNITS ? prelu : swish,
    }),
  );
}

/** Widens, filters and narrows, each by parts of the channels; adds the input where shapes agree. */
function mixUnit(unit: MixUnit): LayerDefinition {
  const { channels, stride, expansion, expandParts, projectParts, squeeze, activation } = unit;
  return (name, input) => {
    const hidden = input.channels * expansion;
    const narrowed = (): number => Math.floor(hidden / (expansion * squeeze));
    const path = sequence({
      ...(expansion === 1 ? {} : { expand: activated(pointwise(hidden, expandParts), activation) }),
      depthwise: activated(mixedFilters(hidden, unit), activation),
      ...(squeeze === 0 ? {} : { attention: squeezeExcitation(narrowed, { activation }) }),
      project: normalised(pointwise(channels, projectParts)),
    });
    const isResidual = stride === 1 && input.channels === channels;
    return (isResidual ? sumOf({ shortcut: identity, path }) : path)(name, input);
  };
}

function pointwise(channels: number, parts: number): WeightLayerDefinition {
  const sizes = splitSizes(channels, parts);
  return splitThrough(parts, (part) => convolution({ channels: sizes[part] ?? 0, kernel: 1 }));
}

function mixedFilters(channels: number, { stride, filterParts }: MixUnit): WeightLayerDefinition {
  const sizes = splitSizes(channels, filterParts);
  return splitThrough(filterParts, (part) => {
    const options: ConvolutionOptions = { channels: sizes[part] ?? 0, kernel: 3 + 2 * part, stride };
    return convolution({ ...options, groups: 'depthwise' });
  });
}

function activated(define: WeightLayerDefinition, activation: LayerDefinition): LayerDefinition {
  return sequence({ convolution: normalised(define), activation });
}
