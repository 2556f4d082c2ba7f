import { Inject, Module, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { InferenceEngine } from '../../../inference/workers/inference-engine.js';
import { EnrolledFaceStore } from '../../enrolment/faces/enrolled-face.store.js';
import { SubjectStore } from '../../enrolment/subjects/subject.store.js';
import { RegisteredModels } from '../../models/registry/registered-models.js';
import { TrialAnalysis } from '../../models/serving/trial-analysis.js';
import { ServeActiveModels } from '../../models/serving/serve-active-models.js';
import { ClosingSteps } from '../../platform/closing-steps.js';
import { Database } from '../../platform/database/database.js';
import { LOGGER, PROCESS_ROLE, type ProcessRole } from '../../platform/process-context.js';
import { feature, provide } from '../../platform/provide.js';
import { CurrentCalibrations } from '../../verification/calibration/current-calibrations.js';
import { VerificationObservers } from '../../verification/verification-observers.js';
import { ScheduleModule } from '../schedule/schedule.module.js';
import { candidateVerification } from './candidate-verification.js';
import { ManageShadows } from './manage-shadows.js';
import { ShadowStore } from './shadow.store.js';
import { ShadowController } from './shadow.controller.js';
import { ShadowVerifications } from './shadow-verifications.js';
import { isDatabaseDown } from '../../platform/database/is-database-down.js';

/** Candidates in the shadow of the model that serves. */
@Module(
  feature({
    imports: [ScheduleModule],
    controllers: [ShadowController],
    providers: [
      provide(ShadowStore, [Database], (database) => new ShadowStore(database)),
      provide(
        ShadowVerifications,
        [
          ShadowStore,
          InferenceEngine,
          TrialAnalysis,
          CurrentCalibrations,
          SubjectStore,
          EnrolledFaceStore,
          LOGGER,
        ],
        (store, engine, chosen, calibrations, subjects, faces, logger) =>
          new ShadowVerifications({
            store,
            verificationBy: (modelVersion) =>
              candidateVerification(
                { modelVersion, detectorVersion: engine.served?.detectorId ?? '' },
                { analysisOf: async (models) => chosen.by(models), calibrations, subjects, faces },
              ),
            random: Math.random,
            onDefect: (error) => {
              // That the database is lost is told once, by who asks it; here it would be every two seconds.
              if (isDatabaseDown(error)) return;
              logger.error({ err: error }, 'a verification by a candidate failed unexpectedly');
            },
          }),
      ),
      provide(
        ManageShadows,
        [ShadowStore, RegisteredModels, CurrentCalibrations, ServeActiveModels, ShadowVerifications],
        (store, registry, calibrations, serve, shadows) =>
          new ManageShadows({
            store,
            registry,
            calibrations,
            activePair: async () => serve.activePair(),
            onChanged: () => {
              void shadows.look();
            },
          }),
      ),
    ],
  }),
)
export class ShadowModule implements OnApplicationBootstrap, OnModuleDestroy {
  constructor(
    @Inject(PROCESS_ROLE) private readonly role: ProcessRole,
    @Inject(ShadowVerifications) private readonly shadows: ShadowVerifications,
    @Inject(VerificationObservers) private readonly observers: VerificationObservers,
    @Inject(ClosingSteps) private readonly closing: ClosingSteps,
  ) {}

  onApplicationBootstrap(): void {
    if (this.role === 'worker') return;
    this.observers.add(this.shadows);
    this.shadows.start();
  }

  async onModuleDestroy(): Promise<void> {
    await this.closing.run('candidates in the shadow', async () => this.shadows.close());
  }
}
