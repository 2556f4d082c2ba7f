import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { InferenceSession } from '../../onnx/onnx-runtime.js';
import { Failure } from '../../core/failure.js';
import { withTemporaryFolder } from '../../storage/files/temporary-folder.js';

/**
 * A graph with its constants folded and its norms, scales and offsets moved into the convolutions before them, by the
 * runtime's own basic optimisations. It has ONNX's own operators only.
 * @throws Failure MODEL_INVALID where the runtime cannot load the graph
 */
export async function foldGraph(graph: Uint8Array): Promise<Uint8Array> {
  return withTemporaryFolder(async (folder) => {
    const optimizedModelFilePath = join(folder, 'folded.onnx');
    const session = await InferenceSession.create(graph, {
      executionProviders: ['cpu'],
      graphOptimizationLevel: 'basic',
      logSeverityLevel: 3,
      intraOpNumThreads: 1,
      optimizedModelFilePath,
    }).catch((cause: unknown) => {
      const message = cause instanceof Error ? cause.message : String(cause);
      throw new Failure('MODEL_INVALID', `the graph cannot be loaded: ${message}`, {}, [], { cause });
    });
    await session.release();
    return readFile(optimizedModelFilePath);
  });
}
