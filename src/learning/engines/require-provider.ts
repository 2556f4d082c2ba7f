import * as tf from '@tensorflow/tfjs';

import { InferenceSession } from '../../onnx/onnx-runtime.js';
import { compileToOnnx } from '../../compiler/index.js';
import type { TrainingProvider } from './training-provider.js';
import type { ExecutionProvider } from './ort-training-engine.js';
import { useTensorflowGpu } from './tensorflow-gpu.js';

/** What ONNX Runtime prints besides is in the error. */
const logSeverityFatal = 4;

/**
 * Tries it: whether the machine has what a provider needs is found out only then.
 * @throws Error of ONNX Runtime or TensorFlow where it has not
 */
export async function requireProvider(provider: TrainingProvider): Promise<void> {
  if (provider === 'tensorflow') await useTensorflowGpu();
  else await loadSmallestGraph(provider);
}

async function loadSmallestGraph(provider: ExecutionProvider): Promise<void> {
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
