import { readOnnx } from '../../src/onnx/read-onnx.js';
import { compileServingGraph } from '../../src/learning/backbones/serving-graph.js';
import {
  importBackbone,
  type ImportedBackbone,
  type ImportOptions,
} from '../../src/learning/imported-backbone/import-backbone.js';
import * as tf from '@tensorflow/tfjs';

import { evaluate } from '../compiler/eager-comparison.js';

type Input = ImportOptions['input'];

/** What this project's own networks take: nothing is inserted before the graph. */
export const OWN_INPUT: Input = {
  layout: 'NCHW',
  channelOrder: 'RGB',
  mean: [127.5, 127.5, 127.5],
  scale: [128, 128, 128],
  width: 12,
  height: 12,
};

export function importedNetwork(model: Uint8Array, input: Partial<Input> = {}): ImportedBackbone {
  return importBackbone(readOnnx(model).graph, {
    name: 'imported',
    source: 'test',
    input: { ...OWN_INPUT, ...input },
  });
}

/**
 * Exports an imported network and embeds images with it and with the model it came from.
 * @param images      [B, H, W, 3] RGB, (x - 127.5) / 128
 * @param modelImages the same as the model takes them
 * @returns the largest difference relative to the largest number
 */
export async function exportDifference(
  model: Uint8Array,
  { backbone, weights }: ImportedBackbone,
  images: tf.Tensor4D,
  modelImages: tf.Tensor,
): Promise<number> {
  const { graph } = readOnnx(model);
  const exported = compileServingGraph(backbone, weights);
  const original = await evaluate(model, { [graph.inputs[0]!.name]: modelImages });
  const again = await evaluate(exported, { image: tf.transpose(images, [0, 3, 1, 2]) });
  return relativeDifference(
    again['embedding']!.data as Float32Array,
    original[graph.outputs[0]!.name]!.data as Float32Array,
  );
}

/** Largest difference over the largest absolute number; NaN where lengths differ. */
function relativeDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return NaN;
  let [difference, largest] = [0, 0];
  for (let index = 0; index < actual.length; index++) {
    const gap = Math.abs(actual[index]! - expected[index]!);
    if (!(gap <= difference)) difference = gap;
    largest = Math.max(largest, Math.abs(expected[index]!));
  }
  return difference / largest;
}
