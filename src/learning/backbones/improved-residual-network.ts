import { batchNorm, normalised } from '../layers/batch-norm.js';
import { identity, sequence, sumOf } from '../layers/composition.js';
import { convolution, type ConvolutionOptions } from '../layers/convolution.js';
import { dropout } from '../layers/dropout.js';
import type { FeatureShape, Initialiser, LayerDefinition } from '../layers/layer.js';
import { numbered } from '../layers/numbered.js';
import { prelu } from '../layers/prelu.js';
import type { WeightLayerDefinition } from '../layers/weight-layer.js';
import type { InputSize } from './backbone.js';

/** Units of the four stages; the first of each halves the resolution. */
const STAGE_UNITS = {
  18: [2, 2, 2, 2],
  34: [3, 4, 6, 3],
  50: [3, 4, 14, 3],
  100: [3, 13, 30, 3],
} as const;

const STAGE_CHANNELS = [64, 128, 256, 512] as const;

export type ImprovedDepth = keyof typeof STAGE_UNITS;
export const IMPROVED_DEPTHS: readonly ImprovedDepth[] = [18, 34, 50, 100];

/** In what the codes differ that define these networks. */
export interface ImprovedResidualParts {
  /** Of the filters. Default: that of convolutions. */
  readonly initialiser?: Initialiser;
  /** Halves the resolution beside a unit whose channels stay as many. Default: as where they do not, a 1x1 convolution. */
  readonly subsample?: LayerDefinition;
  /** The matrix and its norm. */
  readonly embedding: LayerDefinition;
}

/** ResNet with improved residual units and a BN-Dropout-FC-BN end (Deng et al., 2019, arXiv 1801.07698, section 3.2.2). */
export function improvedResidualNetwork(depth: ImprovedDepth, parts: ImprovedResidualParts): LayerDefinition {
  return sequence({
    stem: normalised(filters({ channels: 64, kernel: 3 }, parts)),
    stemActivation: prelu,
    ...numbered('unit', units(depth, parts)),
    norm: batchNorm(),
    dropout,
    embedding: parts.embedding,
  });
}

/** The input of its dropout. */
export function improvedDroppedShape({ height, width }: InputSize): FeatureShape {
  const reduction = 2 ** STAGE_CHANNELS.length;
  return { height: height / reduction, width: width / reduction, channels: STAGE_CHANNELS[3] };
}

function units(depth: ImprovedDepth, parts: ImprovedResidualParts): LayerDefinition[] {
  return STAGE_UNITS[depth].flatMap((repeats, stage) => {
    const channels = STAGE_CHANNELS[stage] ?? 0;
    return Array.from({ length: repeats }, (_, index) => improvedUnit(channels, index === 0 ? 2 : 1, parts));
  });
}

/** BN-Conv-BN-PReLU-Conv-BN beside the shortcut; nothing after their sum. The second convolution has the stride. */
function improvedUnit(channels: number, stride: number, parts: ImprovedResidualParts): LayerDefinition {
  return (name, input) => {
    const projection = normalised(filters({ channels, kernel: 1, stride }, parts));
    const halved = input.channels === channels ? (parts.subsample ?? projection) : projection;
    return sumOf({
      path: sequence({
        // Stays apart from the convolution that follows: the zeros around the feature map are not normalised.
        norm: batchNorm(),
        first: normalised(filters({ channels, kernel: 3 }, parts)),
        activation: prelu,
        second: normalised(filters({ channels, kernel: 3, stride }, parts)),
      }),
      shortcut: stride === 1 ? identity : halved,
    })(name, input);
  };
}

function filters(options: ConvolutionOptions, { initialiser }: ImprovedResidualParts): WeightLayerDefinition {
  return convolution({ ...options, ...(initialiser === undefined ? {} : { initialiser }) });
}
