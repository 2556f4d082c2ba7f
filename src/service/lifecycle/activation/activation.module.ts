import { Inject, Module, type OnModuleInit } from '@nestjs/common';
import { InferenceEngine } from '../../../inference/workers/inference-engine.js';
import { TemplateStore } from '../../enrolment/faces/template.store.js';
import { BackgroundJobs } from '../../jobs/background-jobs.js';
import { JobTypes } from '../../jobs/job-type.js';
import { JobQueue } from '../../jobs/job-queue.js';
import { ModelController } from '../../models/model.controller.js';
import { RegisteredModels } from '../../models/registry/registered-models.js';
import { FollowActiveModels } from '../../models/serving/follow-active-models.js';
import { ActiveModelStore } from '../../models/serving/active-model.store.js';
import { ServeActiveModels } from '../../models/serving/serve-active-models.js';
import { feature, provide } from '../../platform/provide.js';
import { DatabaseHealth } from '../../platform/database/database-health.js';
import { Metrics } from '../../platform/telemetry/metrics.js';
import { CalibrationStore } from '../../verification/calibration/calibration.store.js';
import { OperatingPointStore } from '../../verification/operating-point/operating-point.store.js';
import { DeletionModule } from '../deletion/deletion.module.js';
import { RemoveOutdatedModels } from '../deletion/remove-outdated-models.js';
import { watchActivations } from './activation-gauge.js';
import { BackboneThresholds } from './backbone-thresholds.js';
import { activationJobs } from './activation-jobs.js';
import { ActivationController } from './activation.controller.js';
import { CreateActivation } from './create-activation.js';
import { RunActivation } from './run-activation.js';
import { runningActivations } from './running-activations.js';

/** The change of a model under traffic: of the backbone every enrolled face is embedded anew; then all replicas go over. */
@Module(
  feature({
    imports: [DeletionModule],
    controllers: [ModelController, ActivationController],
    providers: [
      provide(
        RunActivation,
        [
          RegisteredModels,
          ActiveModelStore,
          TemplateStore,
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
        BackboneThresholds,
        [CalibrationStore, OperatingPointStore],
        (calibrations, operatingPoint) => new BackboneThresholds(calibrations, operatingPoint),
      ),
      provide(
        CreateActivation,
        [BackgroundJobs, JobQueue, RegisteredModels, ActiveModelStore, BackboneThresholds],
        (jobs, queue, registry, active, thresholds) =>
          new CreateActivation({ jobs, queue, registry, active, thresholds }),
      ),
    ],
  }),
)
export class ActivationModule implements OnModuleInit {
  constructor(
    @Inject(JobTypes) private readonly jobTypes: JobTypes,
    @Inject(JobQueue) private readonly queue: JobQueue,
    @Inject(Metrics) private readonly metrics: Metrics,
    @Inject(DatabaseHealth) private readonly health: DatabaseHealth,
    @Inject(RunActivation) private readonly activation: RunActivation,
    @Inject(FollowActiveModels) private readonly follow: FollowActiveModels,
  ) {}

  onModuleInit(): void {
    this.jobTypes.register(activationJobs(this.activation, this.follow));
    watchActivations(this.metrics.registry, async () =>
      this.health.ask(async () => runningActivations(this.queue)),
    );
  }
}
