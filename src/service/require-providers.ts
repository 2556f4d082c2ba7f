import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

import { trainerEntryPoint } from '../training/enrolled-faces/trainer-process.js';
import { type Configuration, ConfigurationError } from './platform/configuration/configuration.js';
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
    requireTrainingPackages();
    await requireProvider({
      variable: 'SYMFACE_TRAINING_PROVIDER',
      does: 'train on',
      provider: trainingProvider,
      entryPoint: trainerEntryPoint,
    });
  }
}

/** The serving image has none of what only trainings need. @throws ConfigurationError where tfjs is not installed */
function requireTrainingPackages(): void {
  try {
    createRequire(import.meta.url).resolve('@tensorflow/tfjs');
  } catch (cause) {
    throw new ConfigurationError(
      'Wrong settings in the environment:\n  SYMFACE_QUEUES: trainings need @tensorflow/tfjs, which is not installed here, ' +
        'as in the serving image. Leave "training" out (SYMFACE_QUEUES=assessment,activation,benchmark), and start ' +
        '"symface worker" from the worker image for it.',
      { cause },
    );
  }
}
