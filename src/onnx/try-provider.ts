import { fork } from 'node:child_process';

import { fromRecord } from '../core/failure-record.js';
import type { ExecutionProvider, ProviderAnswer, ProviderQuestion } from './execution-provider.js';

const TIMEOUT_MS = 60_000;

/**
 * Has a process of its own try whether it can compute with a provider: a driver that does not work may end the process that
 * tries it.
 * @param entryPoint the compiled entry point that answers a {@link ProviderQuestion}
 * @throws Error with the reason why it cannot
 */
export async function tryProvider(entryPoint: string, provider: string): Promise<void> {
  const child = fork(entryPoint, [], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    execArgv: [],
    timeout: TIMEOUT_MS,
    killSignal: 'SIGKILL',
  });
  await new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      reject(new Error(`the process that tried it ended by ${signal ?? code ?? 'itself'}`));
    });
    child.on('message', (answer: ProviderAnswer) => {
      if (answer.type === 'provider-works') resolve();
      else reject(fromRecord(answer.error));
    });
    const question: ProviderQuestion<string> = { type: 'check-provider', provider };
    child.send(question, () => undefined);
  }).finally(() => {
    child.kill('SIGKILL');
  });
}

/** Providers of GPUs, the faster one first. */
const gpuProviders = ['cuda', 'webgpu'] as const;

/** Where a process computes that takes a GPU if there is one. @returns the processor where no GPU works */
export async function bestProvider(entryPoint: string): Promise<ExecutionProvider> {
  for (const provider of gpuProviders) {
    const works = await tryProvider(entryPoint, provider).then(
      () => true,
      () => false,
    );
    if (works) return provider;
  }
  return 'cpu';
}

/** Why it cannot, as a part of a sentence. @param cause what {@link tryProvider} threw */
export function reasonAgainst(cause: unknown): string {
  return (cause instanceof Error ? cause.message : String(cause)).trim().replace(/\.$/u, '');
}
