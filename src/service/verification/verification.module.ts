import { Module } from '@nestjs/common';
import { InferenceEngine } from '../../inference/workers/inference-engine.js';
import { ModelsModule } from '../models/models.module.js';
import { Database } from '../platform/database/database.js';
import { feature, provide } from '../platform/provide.js';
import { CurrentCalibrations } from './calibration/current-calibrations.js';
import { CalibrationStore } from './calibration/calibration.store.js';
import { DetectFaces } from './detect-faces.js';
import { EmbedFaces } from './embed-faces.js';
import { FaceVerificationController } from './face-verification.controller.js';
import { VerificationObservers } from './verification-observers.js';
import { VerifyFaces } from './verify-faces.js';

/** Faces of photographs that are sent along: detected, embedded, compared. */
@Module(
  feature({
    imports: [ModelsModule],
    controllers: [FaceVerificationController],
    providers: [
      provide(CalibrationStore, [Database], (database) => new CalibrationStore(database)),
      provide(CurrentCalibrations, [CalibrationStore], (store) => new CurrentCalibrations(store)),
      provide(VerificationObservers, [], () => new VerificationObservers()),
      provide(DetectFaces, [InferenceEngine], (engine) => new DetectFaces(engine)),
      provide(EmbedFaces, [InferenceEngine], (engine) => new EmbedFaces(engine)),
      provide(
        VerifyFaces,
        [InferenceEngine, CurrentCalibrations, VerificationObservers],
        (engine, calibrations, observers) => new VerifyFaces(engine, calibrations, observers),
      ),
    ],
  }),
)
export class VerificationModule {}
