import type { PreparationProgress } from './training/pretrained/prepare-pretrained-models.js';
import { type Configuration, ConfigurationError } from './service/platform/configuration/configuration.js';
import { openStorage } from './service/platform/open-storage.js';
import { packageVersion } from './service/platform/package-version.js';
import { createLogger } from './service/platform/telemetry/logger.js';
import { usableConfiguration } from './service/usable-configuration.js';
import { startService } from './service/start-service.js';
import { tables } from './service/tables.js';
import { ModelFiles } from './storage/models/model-files.js';

/** A process that works on jobs. */
export interface RunningJobWorker {
  readonly database: string;
  /** Where trainings compute. */
  readonly trainingProvider: string;
  /** Gives the jobs in hand back, with a checkpoint, then closes. */
  close(): Promise<void>;
}

interface JobWorkerOptions {
  /** For health and metrics; none is opened where undefined. */
  readonly httpPort: number | undefined;
  /** Activations load the models that come with SymFace, which takes a minute to make ready once. */
  readonly onPreparation: (progress: PreparationProgress) => void;
}

/**
 * Works on the jobs of the configuration's queues and serves nobody.
 * @throws ConfigurationError where jobs cannot be shared with this process, or networks cannot compute on this machine as
 *   configured
 */
export async function startJobWorker(
  given: Configuration,
  { httpPort, onPreparation }: JobWorkerOptions,
): Promise<RunningJobWorker> {
  requireSharedJobs(given);
  // Activations embed the enrolled faces anew.
  const configuration = await usableConfiguration(given, given.queues.includes('activation'));
  const { queues, trainingProvider, trainingPrecision, httpHost } = configuration;
  const logger = createLogger(configuration.logLevel);
  if (queues.includes('activation')) await prepareModels(configuration, onPreparation);
  const storage = await openStorage(configuration, logger, tables);
  const app = await startService({ role: 'worker', configuration, logger, storage }, async (starting) => {
    if (httpPort !== undefined) await starting.listen(httpPort, httpHost);
  });
  logger.info(
    {
      version: packageVersion(),
      node: process.version,
      pid: process.pid,
      queues,
      trainingProvider,
      trainingPrecision,
      httpPort,
    },
    'waiting for jobs',
  );
  const { description } = storage.database;
  return { database: description, trainingProvider, close: async () => app.close() };
}

async function prepareModels(
  { dataFolder, precision }: Configuration,
  onPreparation: JobWorkerOptions['onPreparation'],
): Promise<void> {
  const { preparePretrainedModels } = await import('./training/pretrained/prepare-pretrained-models.js');
  await preparePretrainedModels(new ModelFiles(dataFolder), { precision, onProgress: onPreparation });
}

/** @throws ConfigurationError where jobs, or what they leave, are another process's or machine's own */
function requireSharedJobs({ databaseUrl, artifactStore, queues }: Configuration): void {
  if (databaseUrl === undefined) {
    throw new ConfigurationError(
      'A worker takes its jobs from a PostgreSQL: set DATABASE_URL to that of the service. Jobs of an embedded ' +
        'database are worked on by the service itself.',
    );
  }
  if (artifactStore !== 'database') {
    throw new ConfigurationError(
      'A worker shares models and checkpoints with the service through the database, and SYMFACE_ARTIFACT_STORE=folder ' +
        'keeps them on one machine. Remove that setting here and from the service.',
    );
  }
  if (queues.includes('benchmark') || queues.includes('assessment')) {
    throw new ConfigurationError(
      'Assessments and benchmarks read data sets on the machines of the service, which works on them itself: name ' +
        'training, activation.',
    );
  }
  if (queues.length === 0) {
    throw new ConfigurationError(
      'A worker needs something to work on: name queues, such as training,activation.',
    );
  }
}
