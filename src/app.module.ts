import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { ERROR_REPORTER } from './adapters/grpc/error-reporter.js';
import { FaceVerificationController } from './adapters/grpc/face-verification.controller.js';
import { FailureFilter } from './adapters/grpc/failure.filter.js';
import { GRPC_SETTINGS } from './adapters/grpc/grpc-settings.js';
import { ModelController } from './adapters/grpc/model.controller.js';
import { OperationsController, READINESS } from './adapters/http/operations.controller.js';
import { FileModelRegistry } from './adapters/storage/file-model-registry.js';
import { parseManifest } from './adapters/storage/manifest-schema.js';
import { FailureLog } from './adapters/telemetry/failure-log.js';
import type { Logger } from './adapters/telemetry/logger.js';
import { Metrics } from './adapters/telemetry/metrics.js';
import { InferenceEngine } from './adapters/worker/inference-engine.js';
import { ProcessModelValidator } from './adapters/worker/process-model-validator.js';
import { ActivateModel } from './application/activate-model/activate-model.js';
import { DetectFaces } from './application/detect-faces/detect-faces.js';
import { EmbedFaces } from './application/embed-faces/embed-faces.js';
import { ImportModel } from './application/import-model/import-model.js';
import { GetModel } from './application/list-models/get-model.js';
import { ListModels } from './application/list-models/list-models.js';
import { VerifyFaces } from './application/verify-faces/verify-faces.js';
import type { Configuration } from './config/configuration.js';

const workerStartTimeoutMs = 60_000;
/** Far above what any image may take: only a hang in native code lasts so long. */
const workerStallTimeoutMs = 60_000;

/** The object graph: use cases on adapters. */
@Module({})
export class AppModule {
  static create(configuration: Configuration, logger: Logger): DynamicModule {
    return {
      module: AppModule,
      controllers: [FaceVerificationController, ModelController, OperationsController],
      providers: [
        ...adapterProviders(configuration, logger),
        ...useCaseProviders(configuration),
        FailureFilter,
      ],
    };
  }
}

function adapterProviders(configuration: Configuration, logger: Logger): Provider[] {
  return [
    { provide: Metrics, useFactory: () => new Metrics(logger) },
    { provide: ERROR_REPORTER, useFactory: () => new FailureLog(logger) },
    { provide: GRPC_SETTINGS, useValue: { defaultDeadlineMs: configuration.defaultDeadlineMs } },
    {
      provide: FileModelRegistry,
      useFactory: () =>
        new FileModelRegistry(configuration.dataFolder, (id, { reason, message }) => {
          logger.warn({ modelVersion: id, reason }, `left out of listings: ${message}`);
        }),
    },
    {
      provide: InferenceEngine,
      useFactory: (metrics: Metrics) => createEngine(configuration, metrics),
      inject: [Metrics],
    },
    { provide: READINESS, useExisting: InferenceEngine },
  ];
}

function createEngine(configuration: Configuration, metrics: Metrics): InferenceEngine {
  const engine = new InferenceEngine(
    {
      workerCount: configuration.workerCount,
      intraOpThreads: configuration.threadsPerWorker,
      maximumBatchSize: configuration.maximumBatchSize,
      jobsPerWorker: configuration.maximumBatchSize,
      queueCapacity: configuration.queueCapacity,
      imageLimits: {
        maximumBytes: configuration.maximumImageBytes,
        maximumPixels: configuration.maximumImagePixels,
      },
      startTimeoutMs: workerStartTimeoutMs,
      stallTimeoutMs: workerStallTimeoutMs,
    },
    metrics,
  );
  metrics.watch(engine);
  return engine;
}

function useCaseProviders(configuration: Configuration): Provider[] {
  const { threadsPerWorker: intraOpThreads } = configuration;
  return [
    ...[DetectFaces, EmbedFaces, VerifyFaces].map((useCase) => ({
      provide: useCase,
      useFactory: (engine: InferenceEngine) => new useCase(engine),
      inject: [InferenceEngine],
    })),
    ...[ListModels, GetModel].map((useCase) => ({
      provide: useCase,
      useFactory: (registry: FileModelRegistry) => new useCase(registry),
      inject: [FileModelRegistry],
    })),
    {
      provide: ImportModel,
      useFactory: (registry: FileModelRegistry) =>
        new ImportModel(parseManifest, new ProcessModelValidator({ intraOpThreads }), registry),
      inject: [FileModelRegistry],
    },
    {
      provide: ActivateModel,
      useFactory: (registry: FileModelRegistry, engine: InferenceEngine) =>
        new ActivateModel(registry, engine),
      inject: [FileModelRegistry, InferenceEngine],
    },
  ];
}
