import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { InferenceEngine } from '../../../inference/workers/inference-engine.js';
import { PostgresTemplateStore } from '../../enrolment/faces/postgres-template-store.js';
import { BackgroundJobs } from '../../jobs/background-jobs.js';
import { PostgresJobQueue } from '../../jobs/postgres-job-queue.js';
import { ModelController } from '../../models/model.controller.js';
import { RegisteredModels } from '../../models/registry/registered-models.js';
import { FollowActiveModels } from '../../models/serving/follow-active-models.js';
import { PostgresActiveModelStore } from '../../models/serving/postgres-active-model-store.js';
import { ServeActiveModels } from '../../models/serving/serve-active-models.js';
import { feature, provide } from '../../platform/provide.js';
import { Metrics } from '../../platform/telemetry/metrics.js';
import { DeletionModule } from '../deletion/deletion.module.js';
import { RemoveOutdatedModels } from '../deletion/remove-outdated-models.js';
import { ActivateModel } from './activate-model.js';
import { ActivationController } from './activation.controller.js';
import { ManageActivations } from './manage-activations.js';
import { watchModelChanges } from './model-change-gauges.js';
import { RunActivation } from './run-activation.js';
import { runningActivations } from './running-activations.js';

/** The change of the backbone under traffic: every enrolled face is embedded anew, then all replicas go over. */
@Module(
  feature({
    imports: [DeletionModule],
    controllers: [ModelController, ActivationController],
    providers: [
      provide(
        RunActivation,
        [
          RegisteredModels,
          PostgresActiveModelStore,
          PostgresTemplateStore,
          InferenceEngine,
          ServeActiveModels,
          FollowActiveModels,
          RemoveOutdatedModels,
        ],
        (registry, active, templates, trial, serve, follow, outdated) =>
          new RunActivation({
            registry,
            outdated,
            active,
            templates,
            trial,
            activePair: () => serve.activePair(),
            onSwitched: () => {
              follow.look();
            },
          }),
      ),
      provide(
        ManageActivations,
        [RegisteredModels, PostgresJobQueue, PostgresActiveModelStore, BackgroundJobs],
        (registry, queue, active, jobs) =>
          new ManageActivations({
            registry,
            queue,
            active,
            onQueued: () => {
              jobs.wake('activation');
            },
          }),
      ),
      provide(
        ActivateModel,
        [RegisteredModels, PostgresActiveModelStore, ServeActiveModels, ManageActivations],
        (registry, active, serve, activations) => new ActivateModel({ registry, active, serve, activations }),
      ),
    ],
  }),
)
export class ActivationModule implements OnModuleInit {
  constructor(
    @Inject(BackgroundJobs) private readonly jobs: BackgroundJobs,
    @Inject(PostgresJobQueue) private readonly queue: PostgresJobQueue,
    @Inject(Metrics) private readonly metrics: Metrics,
    @Inject(RunActivation) private readonly activation: RunActivation,
  ) {}

  onModuleInit(): void {
    this.jobs.register('activation', async (job, context) => this.activation.execute(job, context));
    watchModelChanges(this.metrics.registry, {
      activations: async () => runningActivations(this.queue),
      verdicts: async () => this.queue.verdicts(),
    });
  }
}
