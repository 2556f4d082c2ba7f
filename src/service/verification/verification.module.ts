import { Module } from '@nestjs/common';
import { InferenceEngine } from '../../inference/workers/inference-engine.js';
import { ModelsModule } from '../models/models.module.js';
import { Database } from '../platform/database/database.js';
import { feature, provide } from '../platform/provide.js';
import { Metrics } from '../platform/telemetry/metrics.js';
import { CurrentCalibrations } from './calibration/current-calibrations.js';
import { CalibrationStore } from './calibration/calibration.store.js';
import { DetectFaces } from './detect-faces.js';
import { EmbedFaces } from './embed-faces.js';
import { FaceVerificationController } from './face-verification.controller.js';
import { ManageOperatingPoint } from './operating-point/manage-operating-point.js';
import { OperatingPointController } from './operating-point/operating-point.controller.js';
import { OperatingPointStore } from './operating-point/operating-point.store.js';
import { VerificationMetrics } from './verification-metrics.js';
import { VerificationObservers } from './verification-observers.js';
import { VerifyFaces } from './verify-faces.js';

/** Faces of photographs that are sent along: detected, embedded, compared. */
@Module(
  feature({
    imports: [ModelsModule],
    controllers: [FaceVerificationController, OperatingPointController],
    providers: [
      provide(CalibrationStore, [Database], (database) => new CalibrationStore(database)),
      provide(OperatingPointStore, [Database], (database) => new OperatingPointStore(database)),
      provide(
        CurrentCalibrations,
        [CalibrationStore, OperatingPointStore],
        (store, operatingPoint) => new CurrentCalibrations(store, operatingPoint),
      ),
      provide(
        ManageOperatingPoint,
        [OperatingPointStore, CurrentCalibrations, InferenceEngine],
        (store, calibrations, engine) =>
          new ManageOperatingPoint({ store, calibrations, served: () => engine.served }),
      ),
      provide(VerificationObservers, [Metrics], ({ registry }) => {
        const observers = new VerificationObservers();
        observers.add(new VerificationMetrics(registry));
        return observers;
      }),
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
