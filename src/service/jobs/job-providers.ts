import { join } from 'node:path';
import type { Provider } from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import { PostgresArtifactStore } from '../platform/artifacts/postgres-artifact-store.js';
import { PostgresJobQueue } from './postgres-job-queue.js';
import { DirectoryArtifactStore } from '../../storage/artifacts/directory-artifact-store.js';
import type { Logger } from '../platform/telemetry/logger.js';
import { loggedWork } from './logged-work.js';
import { Metrics } from '../platform/telemetry/metrics.js';
import { type RunningActivation, watchModelChanges } from '../lifecycle/activation/model-change-gauges.js';
import { type RunningTraining, watchTrainings } from '../lifecycle/retraining/training-gauges.js';
import { RunActivation } from '../lifecycle/activation/run-activation.js';
import { RunAssessment } from '../lifecycle/assessment/run-assessment.js';
import { BackgroundJobs } from './background-jobs.js';
import type { JobWork } from './work-on-jobs.js';
import type { ArtifactStore } from '../../storage/artifacts/artifact-store.js';
import { Retrain } from '../lifecycle/retraining/retrain.js';
import type { Configuration } from '../platform/configuration/configuration.js';
import type { JobKind } from './job.js';
import type { TrainingProgress } from '../lifecycle/retraining/training-job.js';
import { orderOf, progressOf } from '../lifecycle/activation/activation.js';
import type { Storage } from '../platform/open-storage.js';

export const ARTIFACT_STORE = Symbol('ArtifactStore');

/** The queue, what its jobs leave behind, and the workers of this process. */
export function jobProviders(configuration: Configuration, logger: Logger, storage: Storage): Provider[] {
  const queue = new PostgresJobQueue(storage.database);
  const onDefect = (error: unknown): void => {
    logger.error({ err: error }, 'a job failed unexpectedly');
  };
  return [
    {
      provide: PostgresJobQueue,
      useFactory: (metrics: Metrics) => {
        metrics.watchJobs(async () => queue.counts());
        watchTrainings(metrics.registry, async () => runningTrainings(queue));
        watchModelChanges(metrics.registry, {
          activations: async () => runningActivations(queue),
          verdicts: async () => queue.verdicts(),
        });
        return queue;
      },
      inject: [Metrics],
    },
    { provide: ARTIFACT_STORE, useValue: artifactStore(configuration, storage) },
    {
      provide: BackgroundJobs,
      useFactory: (moduleRef: ModuleRef) =>
        new BackgroundJobs(
          queue,
          chosenWork(configuration, logger, {
            training: async (job, context) => moduleRef.get(Retrain).execute(job, context),
            evaluation: async (job, context) => moduleRef.get(RunAssessment).execute(job, context),
            activation: async (job, context) => moduleRef.get(RunActivation).execute(job, context),
          }),
          onDefect,
        ),
      // Jobs are ordered by what their work is done with: the circle is opened here.
      inject: [ModuleRef],
    },
  ];
}

/** Those that have made a step. */
async function runningTrainings(queue: PostgresJobQueue): Promise<readonly RunningTraining[]> {
  const page = { limit: 100, after: undefined };
  const jobs = await queue.list(page, { kind: 'training', state: 'running' });
  return jobs.flatMap(({ singletonKey: line, progress }) => {
    const { steps } = (progress as unknown as TrainingProgress | null) ?? {};
    return line === undefined || steps === undefined ? [] : [{ line, steps }];
  });
}

async function runningActivations(queue: PostgresJobQueue): Promise<readonly RunningActivation[]> {
  const page = { limit: 100, after: undefined };
  const jobs = await queue.list(page, { kind: 'activation', state: 'running' });
  return jobs.map(({ input, progress }) => {
    const { faceCount, embeddedCount } = progressOf(progress);
    return { modelVersion: orderOf(input).modelVersion, facesLeft: faceCount - embeddedCount };
  });
}

function artifactStore(
  { artifactStore: kind, dataFolder }: Configuration,
  { database }: Storage,
): ArtifactStore {
  return kind === 'database'
    ? new PostgresArtifactStore(database)
    : new DirectoryArtifactStore(join(dataFolder, 'artifacts'));
}

function chosenWork(
  { queues }: Configuration,
  logger: Logger,
  work: Readonly<Partial<Record<JobKind, JobWork>>>,
): Readonly<Partial<Record<JobKind, JobWork>>> {
  const chosen = Object.entries(work).filter(([kind]) => queues.includes(kind as JobKind));
  return loggedWork(Object.fromEntries(chosen), logger);
}
