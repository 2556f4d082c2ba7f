import type { Provider } from '@nestjs/common';
import { PostgresEnrolledFaceStore } from './adapters/postgres/postgres-enrolled-face-store.js';
import { PostgresShadowStore } from './adapters/postgres/postgres-shadow-store.js';
import { PostgresSubjectStore } from './adapters/postgres/postgres-subject-store.js';
import type { Logger } from './adapters/telemetry/logger.js';
import { ChosenModelAnalysis } from './adapters/worker/chosen-model-analysis.js';
import { InferenceEngine } from './adapters/worker/inference-engine.js';
import { ServeActiveModels } from './application/activate-model/serve-active-models.js';
import { CurrentCalibrations } from './application/calibrate-model/current-calibrations.js';
import type { ModelRegistry } from './application/ports/model-registry.js';
import { candidateVerification } from './application/shadow-candidate/candidate-verification.js';
import { ManageShadows } from './application/shadow-candidate/manage-shadows.js';
import { ShadowVerifications } from './application/shadow-candidate/shadow-verifications.js';
import { MODEL_REGISTRY } from './model-providers.js';
import type { Storage } from './open-storage.js';

/** Candidates in the shadow of the model that serves. */
export function shadowProviders(logger: Logger, { database }: Storage): Provider[] {
  const store = new PostgresShadowStore(database);
  return [
    {
      provide: ShadowVerifications,
      useFactory: (
        engine: InferenceEngine,
        chosen: ChosenModelAnalysis,
        calibrations: CurrentCalibrations,
        subjects: PostgresSubjectStore,
        faces: PostgresEnrolledFaceStore,
      ) =>
        new ShadowVerifications({
          store,
          verificationBy: (modelVersion) =>
            candidateVerification(
              { modelVersion, detectorVersion: engine.served?.detectorId ?? '' },
              { analysisOf: async (models) => chosen.by(models), calibrations, subjects, faces },
            ),
          random: Math.random,
          onDefect: (error) => {
            logger.error({ err: error }, 'a verification by a candidate failed unexpectedly');
          },
        }),
      inject: [
        InferenceEngine,
        ChosenModelAnalysis,
        CurrentCalibrations,
        PostgresSubjectStore,
        PostgresEnrolledFaceStore,
      ],
    },
    {
      provide: ManageShadows,
      useFactory: (
        registry: ModelRegistry,
        calibrations: CurrentCalibrations,
        serve: ServeActiveModels,
        shadows: ShadowVerifications,
      ) =>
        new ManageShadows({
          store,
          registry,
          calibrations,
          activePair: async () => serve.activePair(),
          onChanged: () => {
            void shadows.look();
          },
        }),
      inject: [MODEL_REGISTRY, CurrentCalibrations, ServeActiveModels, ShadowVerifications],
    },
  ];
}
