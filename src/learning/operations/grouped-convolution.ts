import * as tf from '@tensorflow/tfjs';

import { explicitPadding } from './explicit-padding.js';
import { registerOwnKernel, type OwnKernel } from './own-kernels.js';

export interface GroupedConvolutionOptions {
  readonly groups: number;
  readonly stride: number;
  /** Zeros on each side of the feature map. */
  readonly padding: number;
}

/** Names of the kernels below, which src/compiler has rules for. */
const FORWARD = 'GroupedConv2D';
const INPUT_GRADIENT = 'GroupedConv2DBackpropInput';
const FILTER_GRADIENT = 'GroupedConv2DBackpropFilter';

type Attributes = GroupedConvolutionOptions & tf.NamedAttrMap;

/**
 * A convolution whose channels are split into groups that do not see each other. tfjs has only the two ends, one
 * group (`conv2d`) and as many as channels (`depthwiseConv2d`). This is a kernel of its own, so that it is traced as
 * one operator; run eagerly, it convolves group by group.
 *
 * @param x       [B, H, W, C]
 * @param filter  [h, w, C / groups, D]; output channels come group after group
 * @returns [B, H', W', D]
 */
export function groupedConvolution(
  x: tf.Tensor4D,
  filter: tf.Tensor4D,
  { groups, stride, padding }: GroupedConvolutionOptions,
): tf.Tensor4D {
  for (const [kernelName, run] of Object.entries(kernels)) registerOwnKernel(kernelName, run);
  const inputs = { x, filter } as unknown as tf.NamedTensorMap;
  return tf.engine().runKernel(FORWARD, inputs, { groups, stride, padding });
}

const kernels: Readonly<Record<string, OwnKernel>> = {
  [FORWARD]: ({ x, filter }, attributes) => {
    const { groups, stride, padding } = attributes as Attributes;
    const filters = tf.split(tensor4d(filter), groups, 3);
    return joinGroups(tf.split(tensor4d(x), groups, 3), (part, group) =>
      tf.conv2d(part, tensor4d(filters[group]), stride, explicitPadding(padding)),
    );
  },
  [INPUT_GRADIENT]: ({ dy, filter }, given) => {
    const attributes = given as Attributes;
    const filters = tf.split(tensor4d(filter), attributes.groups, 3);
    const inputShape = attributes['inputShape'] as number[];
    return joinGroups(tf.split(tensor4d(dy), attributes.groups, 3), (part, group) =>
      tf.engine().runKernel('Conv2DBackpropInput', namedTensors({ dy: part, filter: filters[group] }), {
        ...convolutionAttributes(attributes),
        inputShape: inputShape.with(3, (inputShape[3] ?? 0) / attributes.groups),
      }),
    );
  },
  [FILTER_GRADIENT]: ({ x, dy }, given) => {
    const attributes = given as Attributes;
    const gradients = tf.split(tensor4d(dy), attributes.groups, 3);
    const filterShape = attributes['filterShape'] as number[];
    return joinGroups(tf.split(tensor4d(x), attributes.groups, 3), (part, group) =>
      tf.engine().runKernel('Conv2DBackpropFilter', namedTensors({ x: part, dy: gradients[group] }), {
        ...convolutionAttributes(attributes),
        filterShape: filterShape.with(3, (filterShape[3] ?? 0) / attributes.groups),
      }),
    );
  },
};

tf.registerGradient({
  kernelName: FORWARD,
  inputsToSave: ['x', 'filter'],
  gradFunc: (dy, saved, attributes) => {
    const [x, filter] = saved as [tf.Tensor4D, tf.Tensor4D];
    const gradient = dy as tf.Tensor4D;
    const run = (kernelName: string, inputs: object, extra: object): tf.Tensor =>
      tf.engine().runKernel(kernelName, inputs as tf.NamedTensorMap, { ...attributes, ...extra });
    return {
      x: () => run(INPUT_GRADIENT, { dy: gradient, filter }, { inputShape: x.shape }),
      filter: () => run(FILTER_GRADIENT, { x, dy: gradient }, { filterShape: filter.shape }),
    };
  },
});

function joinGroups(
  parts: readonly tf.Tensor4D[],
  run: (part: tf.Tensor4D, group: number) => tf.Tensor4D,
): tf.Tensor4D {
  return tf.concat(parts.map(run), 3);
}

function convolutionAttributes({ stride, padding }: Attributes): tf.NamedAttrMap {
  return {
    strides: stride,
    pad: explicitPadding(padding),
    dataFormat: 'NHWC',
    dimRoundingMode: undefined,
  } as unknown as tf.NamedAttrMap;
}

function namedTensors(tensors: Readonly<Record<string, tf.Tensor | undefined>>): tf.NamedTensorMap {
  return tensors as tf.NamedTensorMap;
}

function tensor4d(tensor: tf.Tensor | undefined): tf.Tensor4D {
  if (tensor?.shape.length !== 4) throw new RangeError('a grouped convolution takes tensors of rank 4');
  return tensor as tf.Tensor4D;
}
