import { flushDenormals } from '../../onnx/flush-denormals.js';
import { Failure } from '../../core/failure.js';
import { InferenceSession } from '../../onnx/onnx-runtime.js';
import type { OrtEngineOptions } from './ort-engine-options.js';

/** Errors only; see OnnxSession. */
const LOG_SEVERITY_ERROR = 3;
/** What ONNX Runtime says where an allocation fails. */
const MEMORY_MESSAGES = /bad_alloc|Failed to allocate|out of memory|BFCArena/iu;
/** What its WebGPU provider says where a GPU computes in 32 bits only. */
const NO_HALF_FLOATS = 'requires f16';

/** @throws Failure MODEL_INVALID where the runtime has not that provider or cannot load the graph; OUT_OF_MEMORY */
export async function createSession(
  graph: Uint8Array,
  { provider, device, threads, profilePath }: OrtEngineOptions,
  own: InferenceSession.SessionOptions = {},
): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(graph, {
      executionProviders: [device === undefined ? provider : { name: provider, deviceId: device }],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: 'all',
      logSeverityLevel: LOG_SEVERITY_ERROR,
      // A plan of all arrays beforehand takes twice the memory, and 5 % less time (docs/results/training-speed.md).
      enableMemPattern: false,
      // Gradients of unused filters become as small.
      extra: flushDenormals,
      ...(profilePath === undefined ? {} : { enableProfiling: true, profileFilePrefix: profilePath }),
      ...own,
    });
  } catch (error) {
    throw runtimeFailure(error, `ONNX Runtime cannot load the training step for ${provider}`);
  }
}

/** What ONNX Runtime threw, with what to do about it. @param what it did not do */
export function runtimeFailure(error: unknown, what: string): Failure {
  const message = error instanceof Error ? error.message : String(error);
  const isMemory = MEMORY_MESSAGES.test(message);
  return new Failure(
    isMemory ? 'OUT_OF_MEMORY' : 'MODEL_INVALID',
    `${what}: ${message} ${adviceOn(message)}`.trim(),
    {},
    [],
    { cause: error },
  );
}

function adviceOn(message: string): string {
  if (MEMORY_MESSAGES.test(message)) return 'Lower the batch size.';
  if (message.includes(NO_HALF_FLOATS))
    return 'This GPU has no 16-bit floats: train in single precision (--precision, SYMFACE_TRAINING_PRECISION).';
  return '';
}
