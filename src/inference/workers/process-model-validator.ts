import { fork, type ChildProcess } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import type { ModelValidation, ModelValidator } from './model-validator.js';
import { Failure } from '../../core/failure.js';
import { type FailureRecord, fromRecord } from '../../core/failure-record.js';
import type { ModelManifest } from '../../core/models/manifest.js';
import { storageFailure } from '../../storage/files/durable-files.js';
import { withTemporaryFolder } from '../../storage/files/temporary-folder.js';
import { watchProcessMemory } from './process-memory.js';

/** What the inspecting process is to do. */
export interface ModelInspectionRequest {
  readonly manifest: ModelManifest;
  readonly graphPath: string;
  readonly intraOpThreads: number;
}

/** What it answers. */
export type ModelInspectionResult =
  | { readonly kind: 'valid'; readonly validation: ModelValidation }
  | { readonly kind: 'refused'; readonly error: FailureRecord };

export interface ProcessModelValidatorOptions {
  readonly intraOpThreads: number;
  readonly timeoutMs?: number;
  /** Resident memory of the inspecting process from which on it is killed; enforced where /proc exists. */
  readonly maximumMemoryBytes?: number;
  readonly entryPoint?: string;
}

const DEFAULT_TIMEOUT_MS = 120_000;
/** A ResNet100's graph has 260 MB; ORT holds it two or three times while it loads. */
const DEFAULT_MAXIMUM_MEMORY_BYTES = 4 * 1024 ** 3;

const defaultEntryPoint = fileURLToPath(new URL('./model-inspection-worker.js', import.meta.url));

/** Tries an untrusted model in a process of its own, with limits on its time and memory. */
export class ProcessModelValidator implements ModelValidator {
  constructor(private readonly options: ProcessModelValidatorOptions) {}

  async validate(manifest: ModelManifest, graph: Uint8Array): Promise<ModelValidation> {
    // By file, not by message: a message of hundreds of megabytes would be copied on the gateway's event loop.
    return withTemporaryFolder(async (folder) => {
      const graphPath = join(folder, 'graph.onnx');
      await writeFile(graphPath, graph).catch((error: unknown) => {
        throw storageFailure(error, graphPath);
      });
      const { intraOpThreads } = this.options;
      return this.inspect({ manifest, graphPath, intraOpThreads });
    });
  }

  private async inspect(order: ModelInspectionRequest): Promise<ModelValidation> {
    const child = fork(this.options.entryPoint ?? defaultEntryPoint, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      execArgv: [],
    });
    try {
      const result = await this.answerOf(child, order);
      if (result.kind === 'valid') return result.validation;
      throw fromRecord(result.error);
    } finally {
      child.kill('SIGKILL');
    }
  }

  private async answerOf(child: ChildProcess, order: ModelInspectionRequest): Promise<ModelInspectionResult> {
    const {
      timeoutMs = DEFAULT_TIMEOUT_MS,
      maximumMemoryBytes: maximumBytes = DEFAULT_MAXIMUM_MEMORY_BYTES,
    } = this.options;
    let stopWatching = (): void => undefined;
    try {
      return await new Promise<ModelInspectionResult>((resolve, reject) => {
        const refuse = (message: string): void => {
          reject(new Failure('MODEL_INVALID', message));
        };
        const timer = setTimeout(() => {
          refuse(`the graph was not tried within ${timeoutMs} ms`);
        }, timeoutMs);
        const stopMemoryWatch = watchProcessMemory(child.pid, maximumBytes, () => {
          refuse(`the graph takes more than ${maximumBytes} bytes of memory`);
        });
        stopWatching = () => {
          clearTimeout(timer);
          stopMemoryWatch();
        };
        child.on('message', resolve).on('error', reject);
        child.on('exit', (code, signal) => {
          refuse(`the runtime crashed on the graph (${signal ?? `exit code ${String(code)}`})`);
        });
        child.send(order, (error) => {
          if (error !== null) reject(error);
        });
      });
    } finally {
      stopWatching();
    }
  }
}
