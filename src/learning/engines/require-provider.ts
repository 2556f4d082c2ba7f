import { requireExecutionProvider } from '../../onnx/require-execution-provider.js';
import { requireGpuBuffers } from './device/require-gpu-buffers.js';
import { useTensorflowGpu } from './tensorflow-gpu.js';
import type { TrainingProvider } from './training-provider.js';

/**
 * Tries it: whether the machine has what a provider needs is found out only then.
 * @throws Error of ONNX Runtime or TensorFlow where it has not
 */
export async function requireProvider(provider: TrainingProvider): Promise<void> {
  if (provider === 'tensorflow') await useTensorflowGpu();
  else await requireExecutionProvider(provider);
  if (provider === 'webgpu') await requireGpuBuffers();
}
