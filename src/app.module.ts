import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { GalleryStorage } from './service/enrolment/gallery/gallery-storage.js';
import { ActivationController } from './service/lifecycle/activation/activation.controller.js';
import { AdminController } from './service/access/admin.controller.js';
import { AssessmentController } from './service/lifecycle/assessment/assessment.controller.js';
import { CollectionsController } from './service/enrolment/collections/collections.controller.js';
import { EnrolledFacesController } from './service/enrolment/faces/enrolled-faces.controller.js';
import { ERROR_REPORTER } from './service/platform/grpc/error-reporter.js';
import { EvaluationController } from './service/evaluation/evaluation.controller.js';
import { FaceVerificationController } from './service/verification/face-verification.controller.js';
import { FailureFilter } from './service/platform/grpc/failure.filter.js';
import { GRPC_SETTINGS } from './service/platform/grpc/grpc-settings.js';
import { IdentificationController } from './service/enrolment/identification/identification.controller.js';
import { ModelDeletionController } from './service/lifecycle/deletion/model-deletion.controller.js';
import { ModelComparisonController } from './service/evaluation/model-comparison.controller.js';
import { ModelController } from './service/models/model.controller.js';
import { ShadowController } from './service/lifecycle/shadow/shadow.controller.js';
import { TrainingController } from './service/lifecycle/retraining/training.controller.js';
import { TrainingReportController } from './service/lifecycle/retraining/training-report.controller.js';
import { TrainingScheduleController } from './service/lifecycle/schedule/training-schedule.controller.js';
import {
  OperationsController,
  READINESS,
  type Readiness,
} from './service/platform/http/operations.controller.js';
import { PostgresAuditLog } from './service/access/audit/audit-events.js';
import { Database } from './service/platform/database/database.js';
import { PostgresApiKeyStore } from './service/access/keys/postgres-api-key-store.js';
import { PostgresCollectionStore } from './service/enrolment/collections/postgres-collection-store.js';
import { PostgresEnrolledFaceStore } from './service/enrolment/faces/postgres-enrolled-face-store.js';
import { PostgresSubjectStore } from './service/enrolment/subjects/postgres-subject-store.js';
import { FailureLog } from './service/platform/telemetry/failure-log.js';
import type { Logger } from './service/platform/telemetry/logger.js';
import { Metrics } from './service/platform/telemetry/metrics.js';
import { InferenceEngine } from './inference/workers/inference-engine.js';
import { FollowActiveModels } from './service/models/serving/follow-active-models.js';
import { ListAuditEvents } from './service/access/audit/list-audit-events.js';
import { RecordAdminAction } from './service/access/audit/record-admin-action.js';
import { CurrentCalibrations } from './service/verification/calibration/current-calibrations.js';
import { DetectFaces } from './service/verification/detect-faces.js';
import { EmbedFaces } from './service/verification/embed-faces.js';
import { EnrolFaces } from './service/enrolment/faces/enrol-faces.js';
import { Identify } from './service/enrolment/identification/identify.js';
import { Authenticate } from './service/access/keys/authenticate.js';
import { ManageApiKeys } from './service/access/keys/manage-api-keys.js';
import { ManageCollections } from './service/enrolment/collections/manage-collections.js';
import { ManageEnrolledFaces } from './service/enrolment/faces/manage-enrolled-faces.js';
import { ManageSubjects } from './service/enrolment/subjects/manage-subjects.js';
import { ShadowVerifications } from './service/lifecycle/shadow/shadow-verifications.js';
import { VerifyFaces } from './service/verification/verify-faces.js';
import { VerifySubject } from './service/enrolment/subjects/verify-subject.js';
import { assessmentProviders } from './service/lifecycle/assessment/assessment-providers.js';
import { benchmarkProviders } from './service/evaluation/benchmark-providers.js';
import type { Configuration } from './service/platform/configuration/configuration.js';
import { createEngine } from './service/models/create-engine.js';
import { jobProviders } from './service/jobs/job-providers.js';
import { modelProviders } from './service/models/model-providers.js';
import type { Storage } from './service/platform/open-storage.js';
import { scheduleProviders } from './service/lifecycle/schedule/schedule-providers.js';
import { shadowProviders } from './service/lifecycle/shadow/shadow-providers.js';
import { trainingProviders } from './service/lifecycle/retraining/training-providers.js';

/** The object graph: use cases on adapters. */
@Module({})
export class AppModule {
  static create(configuration: Configuration, logger: Logger, storage: Storage): DynamicModule {
    return {
      module: AppModule,
      controllers: [
        FaceVerificationController,
        IdentificationController,
        CollectionsController,
        EnrolledFacesController,
        ModelController,
        ModelDeletionController,
        ActivationController,
        EvaluationController,
        ModelComparisonController,
        AssessmentController,
        ShadowController,
        TrainingController,
        TrainingReportController,
        TrainingScheduleController,
        AdminController,
        OperationsController,
      ],
      providers: [
        ...adapterProviders(configuration, logger),
        ...faceUseCases(),
        ...modelProviders(configuration, logger, storage),
        ...storageProviders(configuration, logger, storage),
        ...enrolmentUseCases(),
        ...benchmarkProviders(configuration, logger, storage),
        ...assessmentProviders(storage),
        ...shadowProviders(logger, storage),
        ...jobProviders(configuration, logger, storage),
        ...trainingProviders(configuration, storage),
        ...scheduleProviders(logger, storage),
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
      provide: InferenceEngine,
      useFactory: (metrics: Metrics) => createEngine(configuration, metrics),
      inject: [Metrics],
    },
    {
      provide: READINESS,
      useFactory: (engine: InferenceEngine, database: Database): Readiness => ({
        isReady: async () => engine.ready && (await database.answers()),
      }),
      inject: [InferenceEngine, Database],
    },
  ];
}

function storageProviders(configuration: Configuration, logger: Logger, storage: Storage): Provider[] {
  const { database, box, encryptionKey } = storage;
  const collections = new PostgresCollectionStore(database);
  const subjects = new PostgresSubjectStore(database);
  const faces = new PostgresEnrolledFaceStore(database, box);
  const keys = new PostgresApiKeyStore(database);
  const auditLog = new PostgresAuditLog(database);
  return [
    { provide: Database, useValue: database },
    { provide: PostgresEnrolledFaceStore, useValue: faces },
    { provide: PostgresCollectionStore, useValue: collections },
    { provide: PostgresSubjectStore, useValue: subjects },
    {
      provide: GalleryStorage,
      useFactory: () => new GalleryStorage(database, encryptionKey, configuration.galleryMemoryBytes, logger),
    },
    { provide: ManageCollections, useValue: new ManageCollections(collections) },
    { provide: ManageSubjects, useValue: new ManageSubjects(subjects) },
    { provide: ManageEnrolledFaces, useValue: new ManageEnrolledFaces(faces) },
    { provide: ManageApiKeys, useValue: new ManageApiKeys(keys) },
    { provide: Authenticate, useValue: new Authenticate(keys) },
    { provide: ListAuditEvents, useValue: new ListAuditEvents(auditLog) },
    { provide: RecordAdminAction, useValue: new RecordAdminAction(auditLog) },
  ];
}

function enrolmentUseCases(): Provider[] {
  return [
    {
      provide: EnrolFaces,
      useFactory: (
        analysis: InferenceEngine,
        collections: PostgresCollectionStore,
        subjects: PostgresSubjectStore,
        faces: PostgresEnrolledFaceStore,
        gallery: GalleryStorage,
        models: FollowActiveModels,
      ) => new EnrolFaces({ analysis, collections, subjects, faces, gallery: gallery.search, models }),
      inject: [
        InferenceEngine,
        PostgresCollectionStore,
        PostgresSubjectStore,
        PostgresEnrolledFaceStore,
        GalleryStorage,
        FollowActiveModels,
      ],
    },
    {
      provide: VerifySubject,
      useFactory: (
        engine: InferenceEngine,
        subjects: PostgresSubjectStore,
        faces: PostgresEnrolledFaceStore,
        calibrations: CurrentCalibrations,
        models: FollowActiveModels,
        observer: ShadowVerifications,
      ) => new VerifySubject({ analysis: engine, subjects, faces, calibrations, models, observer }),
      inject: [
        InferenceEngine,
        PostgresSubjectStore,
        PostgresEnrolledFaceStore,
        CurrentCalibrations,
        FollowActiveModels,
        ShadowVerifications,
      ],
    },
    {
      provide: Identify,
      useFactory: (
        engine: InferenceEngine,
        collections: PostgresCollectionStore,
        gallery: GalleryStorage,
        calibrations: CurrentCalibrations,
        models: FollowActiveModels,
      ) => new Identify(engine, collections, gallery.search, calibrations, models),
      inject: [
        InferenceEngine,
        PostgresCollectionStore,
        GalleryStorage,
        CurrentCalibrations,
        FollowActiveModels,
      ],
    },
  ];
}

function faceUseCases(): Provider[] {
  return [
    ...[DetectFaces, EmbedFaces].map((useCase) => ({
      provide: useCase,
      useFactory: (engine: InferenceEngine) => new useCase(engine),
      inject: [InferenceEngine],
    })),
    {
      provide: VerifyFaces,
      useFactory: (
        engine: InferenceEngine,
        calibrations: CurrentCalibrations,
        observer: ShadowVerifications,
      ) => new VerifyFaces(engine, calibrations, observer),
      inject: [InferenceEngine, CurrentCalibrations, ShadowVerifications],
    },
  ];
}
