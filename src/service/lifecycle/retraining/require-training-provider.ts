import { fork } from 'node:child_process';

import { ConfigurationError } from '../../platform/configuration/configuration.js';
import type { TrainingProvider } from '../../../learning/engines/training-provider.js';
import { fromRecord } from '../../../core/failure-record.js';
import type {
  MessageFromTrainer,
  MessageToTrainer,
} from '../../../training/enrolled-faces/trainer-protocol.js';

const timeoutMs = 60_000;

/**
 * Has a training process try whether trainings can compute there: what the machine lacks is to be known when the service
 * starts, not in the middle of a job.
 * @param entryPoint the training process's compiled one
 * @throws ConfigurationError naming SYMFACE_TRAINING_PROVIDER
 */
export async function requireTrainingProvider(provider: TrainingProvider, entryPoint: string): Promise<void> {
  // Every machine has it.
  if (provider === 'cpu') return;
  try {
    await check(provider, entryPoint);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new ConfigurationError(
      `Wrong settings in the environment:\n  SYMFACE_TRAINING_PROVIDER: this machine cannot train on ${provider}: ${reason}`,
      { cause },
    );
  }
}

function check(provider: TrainingProvider, entryPoint: string): Promise<void> {
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
    child.on('message', (message: MessageFromTrainer) => {
      if (message.type === 'provider-works') resolve();
      if (message.type === 'failed') reject(fromRecord(message.error));
    });
    const question: MessageToTrainer = { type: 'check-provider', provider };
    child.send(question, () => undefined);
  }).finally(() => {
    child.kill('SIGKILL');
  });
}
