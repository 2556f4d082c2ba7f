import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { OperationsController, READINESS, type Readiness } from './adapters/http/operations.controller.js';
import type { Database } from './adapters/postgres/database.js';
import type { Logger } from './adapters/telemetry/logger.js';
import { Metrics } from './adapters/telemetry/metrics.js';
import { InferenceEngine } from './adapters/worker/inference-engine.js';
import type { Configuration } from './config/configuration.js';
import { createEngine } from './create-engine.js';
import { manageAssessments } from './assessment-providers.js';
import { jobProviders } from './job-providers.js';
import { modelProviders } from './model-providers.js';
import type { Storage } from './open-storage.js';
import { scheduleProviders } from './schedule-providers.js';
import { trainingProviders } from './training-providers.js';

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
