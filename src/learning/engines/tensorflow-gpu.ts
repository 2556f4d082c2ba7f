import * as tf from '@tensorflow/tfjs';

/**
 * It is not among the dependencies, since it loads a library from outside npm. The image for it adds the package
 * (docs/workers.md).
 */
const packageName = '@tensorflow/tfjs-node-gpu';

/**
 * Has tfjs evaluate with TensorFlow on a GPU from now on.
 * @throws Error where the package, or a GPU that it can use, is not there
 */
export async function useTensorflowGpu(): Promise<void> {
  await import(packageName);
  await tf.setBackend('tensorflow');
  // Without a GPU it would quietly go on with the processor.
  const { isUsingGpuDevice } = tf.backend() as { readonly isUsingGpuDevice?: boolean };
  if (isUsingGpuDevice !== true) throw new Error('TensorFlow finds no GPU that it can use');
}
