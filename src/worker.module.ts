import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import {
  OperationsController,
  READINESS,
  type Readiness,
} from './service/platform/http/operations.controller.js';
import type { Database } from './service/platform/database/database.js';
import type { Logger } from './service/platform/telemetry/logger.js';
import { Metrics } from './service/platform/telemetry/metrics.js';
import { InferenceEngine } from './inference/workers/inference-engine.js';
import type { Configuration } from './service/platform/configuration/configuration.js';
import { createEngine } from './service/models/create-engine.js';
import { manageAssessments } from './service/lifecycle/assessment/assessment-providers.js';
import { jobProviders } from './service/jobs/job-providers.js';
import { modelProviders } from './service/models/model-providers.js';
import type { Storage } from './service/platform/open-storage.js';
import { scheduleProviders } from './service/lifecycle/schedule/schedule-providers.js';
import { trainingProviders } from './service/lifecycle/retraining/training-providers.js';

/** The object graph of a process that works on jobs and serves nobody. */
@Module({})
export class WorkerModule {
  static create(configuration: Configuration, logger: Logger, storage: Storage): DynamicModule {
    return {
      module: WorkerModule,
      controllers: [OperationsController],
      providers: [
        ...adapterProviders(configuration, logger, storage.database),
        ...modelProviders(configuration, logger, storage),
        ...jobProviders(configuration, logger, storage),
        ...trainingProviders(configuration, storage),
        manageAssessments(storage),
        ...scheduleProviders(logger, storage),
      ],
    };
  }
}

function adapterProviders(configuration: Configuration, logger: Logger, database: Database): Provider[] {
  const readiness: Readiness = { isReady: async () => database.answers() };
  return [
    { provide: Metrics, useFactory: () => new Metrics(logger) },
    // Activations embed with it; it starts no process before.
    {
      provide: InferenceEngine,
      useFactory: (metrics: Metrics) => createEngine(configuration, metrics),
      inject: [Metrics],
    },
    { provide: READINESS, useValue: readiness },
  ];
}
