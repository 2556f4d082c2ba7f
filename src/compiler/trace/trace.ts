import * as tf from '@tensorflow/tfjs';

import { CompileError } from '../errors.js';
import type { GraphBuilder } from '../graph/graph-builder.js';
import { KERNEL_RULES } from '../kernels/kernel-rules.js';
import { TracingBackend } from './tracing-backend.js';

const TRACING_BACKEND = 'onnx-tracing';

/**
 * Calls `body` with a tracing backend in place of the current tfjs backend. Whatever happens, the
 * current backend is back in place afterwards and the tensors that `body` made are disposed of.
 *
 * @throws CompileError when called from within `body`.
 */
export function withTracingBackend(graph: GraphBuilder, body: (backend: TracingBackend) => void): void {
  const eager = tf.backend();
  const eagerName = tf.getBackend();
  if (eagerName === TRACING_BACKEND) {
    throw new CompileError('a function cannot be compiled while another one is being traced');
  }
  const backend = new TracingBackend(graph, eager, eagerName);
  tf.registerBackend(TRACING_BACKEND, () => backend, 0);
  const kernelNames = registerKernels(backend, eagerName);
  // setBackend is only asynchronous for backends that initialise asynchronously; neither of these does.
  void tf.setBackend(TRACING_BACKEND);
  tf.engine().startScope();
  try {
    body(backend);
  } finally {
    tf.engine().endScope();
    void tf.setBackend(eagerName);
    for (const kernelName of kernelNames) tf.unregisterKernel(kernelName, TRACING_BACKEND);
    tf.removeBackend(TRACING_BACKEND);
  }
}

/**
 * Registers the kernels that have a rule and those of the eager backend: the latter still run on
 * constants, and fail with a clear error on traced values.
 */
function registerKernels(backend: TracingBackend, eagerName: string): ReadonlySet<string> {
  const kernelNames = new Set([
    ...Object.keys(KERNEL_RULES),
    ...tf.getKernelsForBackend(eagerName).map(({ kernelName }) => kernelName),
  ]);
  for (const kernelName of kernelNames) {
    const rule = KERNEL_RULES[kernelName];
    tf.registerKernel({
      kernelName,
      backendName: TRACING_BACKEND,
      kernelFunc: ({ inputs, attrs }) => backend.runKernel(kernelName, rule, inputs, attrs),
    });
  }
  return kernelNames;
}
