import { fork } from 'node:child_process';

import { fromRecord } from '../../core/failure-record.js';
import type { ProviderAnswer, ProviderQuestion } from '../../onnx/execution-provider.js';
import { ConfigurationError } from './configuration/configuration.js';

const timeoutMs = 60_000;

/** A setting that names where networks compute, and the process that can try it. */
export interface ProviderSetting {
  readonly variable: 'SYMFACE_SERVING_PROVIDER' | 'SYMFACE_TRAINING_PROVIDER';
  /** What this machine does there: "this machine cannot `does` cuda". */
  readonly does: 'serve on' | 'train on';
  readonly provider: string;
  /** The compiled entry point that answers a {@link ProviderQuestion}. */
  readonly entryPoint: string;
}

/**
 * Has a process try whether networks can compute there: what the machine lacks is to be known when the service starts, not
 * in the middle of its work.
 * @throws ConfigurationError naming the variable, what is lacking and where it is told what to do
 */
export async function requireProvider(setting: ProviderSetting): Promise<void> {
  const { variable, does, provider } = setting;
  // Every machine has it.
  if (provider === 'cpu') return;
  try {
    await check(setting);
  } catch (cause) {
    const reason = (cause instanceof Error ? cause.message : String(cause)).trim().replace(/\.$/u, '');
    throw new ConfigurationError(
      `Wrong settings in the environment:\n  ${variable}: this machine cannot ${does} ${provider}: ${reason}. ` +
        `Install what it needs (docs/workers.md, "Providers"), or set ${variable}=cpu.`,
      { cause },
    );
  }
}

function check({ provider, entryPoint }: ProviderSetting): Promise<void> {
  const child = fork(entryPoint, [], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    execArgv: [],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  return new Promise<void>((resolve, reject) => {
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
