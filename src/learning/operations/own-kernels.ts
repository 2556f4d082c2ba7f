import * as tf from '@tensorflow/tfjs';

type NamedTensors = Readonly<Record<string, tf.Tensor>>;

/** How a kernel of our own is run eagerly; the compiler has a rule of the same name. */
export type OwnKernel = (inputs: tf.NamedTensorMap, attributes: tf.NamedAttrMap) => tf.Tensor;

/** Runs a kernel that tfjs does not have, on whatever backend is in use. */
export function runOwnKernel(
  kernelName: string,
  run: OwnKernel,
  inputs: NamedTensors,
  attributes: tf.NamedAttrMap = {},
): tf.Tensor {
  registerOwnKernel(kernelName, run);
  return tf.engine().runKernel(kernelName, inputs, attributes);
}

/** Kernels belong to a backend; which ones there are is known only when one is in use. */
export function registerOwnKernel(kernelName: string, run: OwnKernel): void {
  const backendName = tf.getBackend();
  // tfjs' typings leave out that a kernel may be missing.
  if ((tf.getKernel(kernelName, backendName) as tf.KernelConfig | undefined) !== undefined) return;
  tf.registerKernel({
    kernelName,
    backendName,
    kernelFunc: ({ inputs, attrs }) => tf.tidy(() => run(inputs as tf.NamedTensorMap, attrs ?? {})),
  });
}
