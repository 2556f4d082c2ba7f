import * as tf from '@tensorflow/tfjs';

import { explicitPadding } from '../operations/explicit-padding.js';
import { groupedConvolution } from '../operations/grouped-convolution.js';
import type { DecayGroup, FeatureShape, Initialiser, ParameterSpec } from './layer.js';
import type { WeightLayerDefinition } from './weight-layer.js';

export interface ConvolutionOptions {
  readonly channels: number;
  /** Side of the square kernel, or `global` for one that covers the whole feature map. */
  readonly kernel: number | 'global';
  readonly stride?: number;
  /** Zeros around the feature map. Default: half the kernel, so that stride 1 keeps the extents; none where global. */
  readonly padding?: number;
  /** Channels are split into as many groups that do not see each other; `depthwise`: each is a group. Default: 1. */
  readonly groups?: number | 'depthwise';
  readonly hasBias?: boolean;
  /** The value that every number of the bias begins with. Default: 0. */
  readonly initialBias?: number;
  readonly decayGroup?: DecayGroup;
  /** Default: He et al., normal with variance 2 / (kernel height x width x output channels / groups). */
  readonly initialiser?: Initialiser;
}

interface Geometry {
  readonly filterShape: readonly [number, number, number, number];
  readonly output: FeatureShape;
  readonly groups: number;
  readonly stride: number;
  readonly padding: number;
}

/**
 * Convolution. A filter has axes (height, width, input channels of a group, output channels), or, where depthwise,
 * (height, width, channels, 1) as tfjs' own kernel wants it.
 */
export function convolution(options: ConvolutionOptions): WeightLayerDefinition {
  return (name, input) => {
    const geometry = geometryOf(name, input, options);
    const { filterShape, output, groups } = geometry;
    const isDepthwise = options.groups === 'depthwise';
    const filterName = `${name}.filter`;
    const biasName = `${name}.bias`;
    const hasBias = options.hasBias ?? false;

    const convolve = (x: tf.Tensor4D, filter: tf.Tensor4D): tf.Tensor4D => {
      const pad = explicitPadding(geometry.padding);
      if (isDepthwise) return tf.depthwiseConv2d(x, filter, geometry.stride, pad);
      if (groups > 1) return groupedConvolution(x, filter, { ...geometry, groups });
      return tf.conv2d(x, filter, geometry.stride, pad);
    };
    return {
      parameters: [
        filterSpec(filterName, filterShape, groups, options),
        ...(hasBias ? [biasSpec(biasName, output.channels, options)] : []),
      ],
      statistics: [],
      output,
      multiplyAdds: output.height * output.width * filterShape.reduce((product, extent) => product * extent),
      forward: (x, pass) => {
        const y = convolve(x, pass.variable(filterName));
        return hasBias ? tf.add(y, pass.variable(biasName)) : y;
      },
      forwardScaled: (x, pass, channelFactors) => {
        const factors = isDepthwise ? tf.reshape(channelFactors, [output.channels, 1]) : channelFactors;
        const y = convolve(x, tf.mul<tf.Tensor4D>(pass.variable(filterName), factors));
        return hasBias ? tf.add(y, tf.mul(pass.variable(biasName), channelFactors)) : y;
      },
    };
  };
}

/** @throws RangeError where the channels cannot be split into the groups */
function geometryOf(name: string, input: FeatureShape, options: ConvolutionOptions): Geometry {
  const { channels, kernel, stride = 1 } = options;
  const groups = options.groups === 'depthwise' ? input.channels : (options.groups ?? 1);
  if (input.channels % groups !== 0 || channels % groups !== 0) {
    throw new RangeError(`${name}: ${input.channels} and ${channels} channels make no ${groups} groups`);
  }
  const isDepthwise = options.groups === 'depthwise';
  if (isDepthwise && channels !== input.channels) {
    throw new RangeError(`${name}: a depthwise convolution keeps its ${input.channels} channels`);
  }
  const [height, width] = kernel === 'global' ? [input.height, input.width] : [kernel, kernel];
  const padding = options.padding ?? (kernel === 'global' ? 0 : Math.floor(kernel / 2));
  const extent = (size: number, window: number): number =>
    Math.floor((size + 2 * padding - window) / stride) + 1;
  return {
    filterShape: isDepthwise
      ? [height, width, channels, 1]
      : [height, width, input.channels / groups, channels],
    output: { height: extent(input.height, height), width: extent(input.width, width), channels },
    groups,
    stride,
    padding,
  };
}

function filterSpec(
  name: string,
  shape: readonly [number, number, number, number],
  groups: number,
  { channels, initialiser, decayGroup = 'weights' }: ConvolutionOptions,
): ParameterSpec {
  const [height, width] = shape;
  const fanOut = (height * width * channels) / groups;
  return {
    name,
    shape,
    decayGroup,
    initialiser: initialiser ?? { distribution: 'normal', standardDeviation: Math.sqrt(2 / fanOut) },
  };
}

function biasSpec(
  name: string,
  channels: number,
  { decayGroup = 'weights', initialBias = 0 }: ConvolutionOptions,
): ParameterSpec {
  return {
    name,
    shape: [channels],
    decayGroup,
    initialiser: { distribution: 'constant', value: initialBias },
  };
}
