import { fileURLToPath } from 'node:url';

import { trainerEntryPoint } from '../training/enrolled-faces/trainer-process.js';
import type { Configuration } from './platform/configuration/configuration.js';
import { requireProvider } from './platform/require-provider.js';

const servingEntryPoint = fileURLToPath(
  new URL('../inference/workers/provider-check-worker.js', import.meta.url),
);

/**
 * Tries the providers that a process will compute on, before it opens anything.
 * @param embeds whether it starts inference workers
 * @throws ConfigurationError naming the setting that this machine cannot follow
 */
export async function requireProviders(
  { queues, servingProvider, trainingProvider }: Configuration,
  embeds: boolean,
): Promise<void> {
  if (embeds) {
    await requireProvider({
      variable: 'SYMFACE_SERVING_PROVIDER',
      does: 'serve on',
      provider: servingProvider,
      entryPoint: servingEntryPoint,
    });
  }
  if (queues.includes('training')) {
    await requireProvider({
      variable: 'SYMFACE_TRAINING_PROVIDER',
      does: 'train on',
      provider: trainingProvider,
      entryPoint: trainerEntryPoint,
    });
  }
}
