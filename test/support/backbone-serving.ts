import * as tf from '@tensorflow/tfjs';

import { compileServingGraph } from '../../src/learning/backbones/serving-graph.js';
import type { Backbone } from '../../src/learning/backbones/backbone.js';
import { backboneVariables } from '../../src/learning/weights/backbone-variables.js';
import { evaluate } from '../compiler/eager-comparison.js';
import { imagesOf, settledWeights } from './backbone-inputs.js';

/** Of embeddings of unit norm. */
export const SERVING_TOLERANCE = 1e-5;

/**
 * Exports a backbone once and embeds batches of these sizes with it and with eager tfjs.
 * @returns the largest difference of an embedding's element; embeddings are divided by their norms first
 */
export async function compareServing(backbone: Backbone, batchSizes: readonly number[]): Promise<number> {
  const weights = settledWeights(backbone);
  const model = compileServingGraph(backbone, weights);
  const variables = backboneVariables(backbone, weights);
  let largest = 0;
  for (const batch of batchSizes) {
    const images = imagesOf(backbone, batch);
    const { embeddings } = backbone.forward(images, variables, { normalisation: 'frozen' });
    const expected = embeddings.dataSync<'float32'>();
    const { embedding } = await evaluate(model, { image: tf.transpose(images, [0, 3, 1, 2]) });
    largest = Math.max(largest, unitDifference(embedding!.data as Float32Array, expected, embeddings.shape));
    tf.dispose([images, embeddings]);
  }
  tf.dispose(variables);
  return largest;
}

function unitDifference(
  actual: Float32Array,
  expected: Float32Array,
  [rows, columns]: [number, number],
): number {
  if (actual.length !== rows * columns) return NaN;
  const differences = Array.from({ length: rows }, (_, row) => {
    const [a, e] = [actual, expected].map((values) =>
      unit(values.subarray(row * columns, (row + 1) * columns)),
    );
    return Math.max(...a!.map((value, index) => Math.abs(value - e![index]!)));
  });
  return Math.max(...differences);
}

function unit(values: Float32Array): Float32Array {
  const norm = Math.hypot(...values);
  return values.map((value) => value / norm);
}
