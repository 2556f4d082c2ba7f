import type { Provider } from '@nestjs/common';
import { PostgresEnrolledFaceStore } from '../../enrolment/faces/postgres-enrolled-face-store.js';
import { PostgresShadowStore } from './postgres-shadow-store.js';
import { PostgresSubjectStore } from '../../enrolment/subjects/postgres-subject-store.js';
import type { Logger } from '../../platform/telemetry/logger.js';
import { ChosenModelAnalysis } from '../../models/serving/chosen-model-analysis.js';
import { InferenceEngine } from '../../../inference/workers/inference-engine.js';
import { ServeActiveModels } from '../../models/serving/serve-active-models.js';
import { CurrentCalibrations } from '../../verification/calibration/current-calibrations.js';
import type { ModelRegistry } from '../../../storage/models/model-registry.js';
import { candidateVerification } from './candidate-verification.js';
import { ManageShadows } from './manage-shadows.js';
import { ShadowVerifications } from './shadow-verifications.js';
import { MODEL_REGISTRY } from '../../models/model-providers.js';
import type { Storage } from '../../platform/open-storage.js';

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
