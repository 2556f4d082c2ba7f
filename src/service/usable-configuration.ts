import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

import type { TrainingProvider } from '../learning/engines/training-provider.js';
import { bestProvider } from '../onnx/try-provider.js';
import { hasTrainingParent, trainerEntryPoint } from '../training/enrolled-faces/trainer-process.js';
import { type Configuration, ConfigurationError } from './platform/configuration/configuration.js';
import type { UsableConfiguration } from './platform/process-context.js';
import { requireProvider } from './platform/require-provider.js';

const servingEntryPoint = fileURLToPath(
  new URL('../inference/workers/provider-check-worker.js', import.meta.url),
);

/**
 * Tries the providers that a process will compute on, before it opens anything.
 * @param embeds whether it starts inference workers
 * @returns the configuration with the provider that was found where that is left to the machine
 * @throws ConfigurationError naming the setting that this machine cannot follow
 */
export async function usableConfiguration(
  configuration: Configuration,
  embeds: boolean,
): Promise<UsableConfiguration> {
  const { queues, servingProvider } = configuration;
  if (embeds) {
    await requireProvider({
      variable: 'SYMFACE_SERVING_PROVIDER',
      does: 'serve on',
      provider: servingProvider,
      entryPoint: servingEntryPoint,
    });
  }
  const trains = queues.includes('training');
  return { ...configuration, trainingProvider: trains ? await usableTrainingProvider(configuration) : 'cpu' };
}

async function usableTrainingProvider(configuration: Configuration): Promise<TrainingProvider> {
  requireTrainingPackages();
  requireTogether(configuration);
  const { trainingProvider: provider } = configuration;
  if (provider === 'auto') return bestProvider(trainerEntryPoint);
  await requireProvider({
    variable: 'SYMFACE_TRAINING_PROVIDER',
    does: 'train on',
    provider,
    entryPoint: trainerEntryPoint,
  });
  return provider;
}

/** @throws ConfigurationError where settings of trainings exclude each other, or several processes */
function requireTogether({ trainingProvider, trainingPrecision }: Configuration): void {
  const isEager = trainingProvider === 'tensorflow';
  if (isEager && trainingPrecision === 'mixed')
    throw new ConfigurationError(
      'Wrong settings in the environment:\n  SYMFACE_TRAINING_PRECISION: tensorflow trains in single precision. Leave it out, or set SYMFACE_TRAINING_PROVIDER=auto.',
    );
  if (hasTrainingParent() && (isEager || trainingPrecision === 'mixed'))
    throw new ConfigurationError(
      'Wrong settings in the environment:\n  SYMFACE_TRAINING_PROVIDER, SYMFACE_TRAINING_PRECISION: several processes train by ONNX Runtime, in single precision. ' +
        'Set the provider to auto, cpu, cuda or webgpu and leave out the precision, or start the worker without mpirun.',
    );
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
