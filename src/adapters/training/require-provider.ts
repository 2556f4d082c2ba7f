import * as tf from '@tensorflow/tfjs';
import { InferenceSession } from 'onnxruntime-node';

import { compileToOnnx } from '../../compiler/index.js';
import type { TrainingProvider } from '../../domain/retraining/training-provider.js';

/** What ONNX Runtime prints besides is in the error. */
const logSeverityFatal = 4;

/**
 * Loads the smallest of graphs: ONNX Runtime finds out only then whether the machine has what a provider needs.
 * @throws Error of ONNX Runtime where it has not
 */
export async function requireProvider(provider: TrainingProvider): Promise<void> {
  const graph = compileToOnnx({
    name: 'provider-check',
    inputs: [{ name: 'x', shape: [1], dtype: 'float32' }],
    outputs: ['y'],
    run: (...[x]) => (x === undefined ? [] : [tf.mul(x, x)]),
  });
  const session = await InferenceSession.create(graph, {
    executionProviders: [provider],
    logSeverityLevel: logSeverityFatal,
  });
  await session.release();
}
