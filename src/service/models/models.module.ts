import {
  Inject,
  Module,
  type OnApplicationShutdown,
  type OnModuleDestroy,
  type OnModuleInit,
} from '@nestjs/common';
import { int8Name } from '../../core/models/precision.js';
import { BackgroundAnalysis } from '../../inference/workers/background-analysis.js';
import { InferenceEngine } from '../../inference/workers/inference-engine.js';
import { ProcessModelValidator } from '../../inference/workers/process-model-validator.js';
import { removeLeftTemporaryFolders } from '../../storage/files/temporary-folder.js';
import { ModelFiles } from '../../storage/models/model-files.js';
import { defaultBackboneName } from '../../training/pretrained/default-backbone.js';
import { defaultDetectorName } from '../../training/pretrained/default-detector.js';
import { JobsModule } from '../jobs/jobs.module.js';
import { ClosingSteps } from '../platform/closing-steps.js';
import { Database } from '../platform/database/database.js';
import {
  ARTIFACT_STORE,
  CONFIGURATION,
  LOGGER,
  PROCESS_ROLE,
  type ProcessRole,
} from '../platform/process-context.js';
import { feature, provide } from '../platform/provide.js';
import { Readiness } from '../platform/readiness.js';
import { Metrics } from '../platform/telemetry/metrics.js';
import { createEngine } from './create-engine.js';
import { GetModel } from './registry/get-model.js';
import { ImportModel } from './registry/import-model.js';
import { ListModels } from './registry/list-models.js';
import { RegisteredModels } from './registry/registered-models.js';
import { noSignals, PostgresActiveModelSignals } from './serving/active-model-signals.js';
import { TrialAnalysis } from './serving/trial-analysis.js';
import { FollowActiveModels } from './serving/follow-active-models.js';
import { ActiveModelStore } from './serving/active-model.store.js';
import { ServeActiveModels } from './serving/serve-active-models.js';

/** What models there are, which of them serve, and the engine that runs them. */
@Module(
  feature({
    imports: [JobsModule],
    providers: [
      provide(
        RegisteredModels,
        [CONFIGURATION, LOGGER, Database, ARTIFACT_STORE],
        ({ dataFolder, databaseUrl }, logger, database, artifacts) =>
          new RegisteredModels({
            database,
            files: new ModelFiles(dataFolder),
            // Replicas of one database share what any of them imports.
            artifacts: databaseUrl === undefined ? undefined : artifacts,
            onLeftOut: (id, error) => {
              logger.warn({ err: error, modelVersion: id }, 'left out of listings: it cannot be used here');
            },
          }),
      ),
      provide(ListModels, [RegisteredModels], (registry) => new ListModels(registry)),
      provide(GetModel, [RegisteredModels], (registry) => new GetModel(registry)),
      provide(ImportModel, [RegisteredModels, CONFIGURATION], (registry, { threadsPerWorker: intraOpThreads }) => {
        return new ImportModel(new ProcessModelValidator({ intraOpThreads }), registry);
      }),
      provide(InferenceEngine, [CONFIGURATION, Metrics], createEngine),
      provide(ActiveModelStore, [Database], (database) => new ActiveModelStore(database)),
      provide(
        ServeActiveModels,
        [RegisteredModels, ActiveModelStore, InferenceEngine, CONFIGURATION, LOGGER],
        (registry, active, serving, { precision }, logger) =>
          new ServeActiveModels({
            registry,
            active,
            serving,
            preferred: {
              backbone: precision === 'int8' ? int8Name(defaultBackboneName) : defaultBackboneName,
              detector: defaultDetectorName,
            },
            onServed: (served) => {
              logger.info(served, 'these models serve');
            },
          }),
      ),
      provide(
        FollowActiveModels,
        [ActiveModelStore, RegisteredModels, ServeActiveModels, CONFIGURATION, LOGGER],
        (active, registry, serve, { databaseUrl, databaseListenUrl }, logger) =>
          new FollowActiveModels({
            active,
            registry,
            serve,
            signals: databaseUrl === undefined ? noSignals : new PostgresActiveModelSignals(databaseListenUrl ?? databaseUrl),
            onFailure: (error) => {
              logger.error({ err: error }, 'cannot go over to the active models; the former ones go on serving');
            },
          }),
      ),
      provide(
        TrialAnalysis,
        [InferenceEngine, RegisteredModels, CONFIGURATION],
        (engine, registry, { workerCount }) =>
          new TrialAnalysis(engine, registry, new BackgroundAnalysis(engine, workerCount)),
      ),
    ],
  }),
)
export class ModelsModule implements OnModuleInit, OnModuleDestroy, OnApplicationShutdown {
  constructor(
    @Inject(PROCESS_ROLE) private readonly role: ProcessRole,
    @Inject(Readiness) private readonly readiness: Readiness,
    @Inject(InferenceEngine) private readonly engine: InferenceEngine,
    @Inject(ServeActiveModels) private readonly serve: ServeActiveModels,
    @Inject(FollowActiveModels) private readonly follow: FollowActiveModels,
    @Inject(ClosingSteps) private readonly closing: ClosingSteps,
  ) {}

  /**
   * A gateway serves the active models from here on, and follows their changes. A worker loads models for its jobs only.
   * @throws Failure MODEL_NOT_FOUND or MODEL_INVALID where the models cannot serve
   */
  async onModuleInit(): Promise<void> {
    await removeLeftTemporaryFolders();
    if (this.role === 'worker') return;
    this.readiness.require('no inference worker is ready', () => this.engine.ready);
    await this.serve.execute();
    this.follow.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.closing.run('the active models’ signals', async () => this.follow.close());
  }

  /** Calls that were accepted have been answered by now. */
  async onApplicationShutdown(): Promise<void> {
    await this.closing.run('the inference workers', async () => this.engine.close());
  }
}
