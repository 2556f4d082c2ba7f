import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { RegisteredModel } from '../../storage/models/model-registry.js';
import type { ModelTiming } from './model-timing.js';
import { Failure } from '../../core/failure.js';
import { type FailureRecord, fromRecord } from '../../core/failure-record.js';

/** What the timing process is to do. */
export interface ModelTimingRequest {
  readonly baseline: RegisteredModel;
  readonly candidate: RegisteredModel;
}

interface Milliseconds {
  readonly baseline: number;
  readonly candidate: number;
}

/** What it answers. */
export type ModelTimingResult =
  | { readonly kind: 'timed'; readonly milliseconds: Milliseconds }
  | { readonly kind: 'failed'; readonly error: FailureRecord };

const entryPoint = fileURLToPath(new URL('./model-timing-worker.js', import.meta.url));
const timeoutMs = 300_000;

/** Times backbones in a process of its own, which is gone with the sessions that it made. */
export class ProcessModelTiming implements ModelTiming {
  async compare(
    baseline: RegisteredModel,
    candidate: RegisteredModel,
    signal: AbortSignal,
  ): Promise<Milliseconds> {
    const child = fork(entryPoint, [], {
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      execArgv: [],
    });
    try {
      const timeout = AbortSignal.timeout(timeoutMs);
      const result = await new Promise<ModelTimingResult>((resolve, reject) => {
        const lost = (): void => {
          reject(new Failure('WORKER_LOST', 'The process that times the models died, or took too long.'));
        };
        child.once('message', (message) => {
          resolve(message as ModelTimingResult);
        });
        child.once('error', reject).once('exit', lost);
        timeout.addEventListener('abort', lost);
        signal.addEventListener('abort', lost, { once: true });
        child.send({ baseline, candidate } satisfies ModelTimingRequest);
      });
      if (result.kind === 'failed') throw fromRecord(result.error);
      return result.milliseconds;
    } finally {
      child.kill('SIGKILL');
    }
  }
}
