import * as tf from '@tensorflow/tfjs';

import { composite } from './composition.js';
import type { WeightLayer, WeightLayerDefinition } from './weight-layer.js';

/**
 * Splits the channels into parts, each through a layer of its own, and joins what comes out (MixConv, Tan & Le, 2019).
 *
 * @param parts how many; one part is the layer itself
 * @param layerOf the layer of a part, by its number from 0
 */
export function splitThrough(
  parts: number,
  layerOf: (part: number) => WeightLayerDefinition,
): WeightLayerDefinition {
  return (name, input) => {
    if (parts === 1) return layerOf(0)(name, input);
    const sizes = splitSizes(input.channels, parts);
    const layers = sizes.map((channels, part) =>
      layerOf(part)(`${name}.part${part + 1}`, { ...input, channels }),
    );
    const widths = layers.map(({ output }) => output.channels);
    const channels = widths.reduce((sum, width) => sum + width, 0);
    const joined = (
      x: tf.Tensor4D,
      apply: (layer: WeightLayer, part: tf.Tensor4D, at: number) => tf.Tensor4D,
    ) => {
      const split = tf.split(x, sizes, 3);
      const applied = layers.map((layer, at) => apply(layer, split[at] as tf.Tensor4D, at));
      return tf.concat(applied, 3);
    };
    const output = { height: 1, width: 1, ...layers[0]?.output, channels };
    return {
      ...composite(layers, output, (x, pass) => joined(x, (layer, part) => layer.forward(part, pass))),
      forwardScaled: (x, pass, channelFactors) => {
        const factors = tf.split(channelFactors, widths);
        return joined(x, (layer, part, at) => layer.forwardScaled(part, pass, factors[at] as tf.Tensor1D));
      },
    };
  };
}

/** As many sizes that add up to the channels, all the same but the first, which has what is left over. */
export function splitSizes(channels: number, parts: number): number[] {
  const size = Math.floor(channels / parts);
  return Array.from({ length: parts }, (_, part) => (part === 0 ? channels - size * (parts - 1) : size));
}
