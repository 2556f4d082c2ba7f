import { type DynamicModule, Module, type Provider } from '@nestjs/common';
import { GalleryStorage } from './adapters/gallery/gallery-storage.js';
import { ActivationController } from './adapters/grpc/activation.controller.js';
import { AdminController } from './adapters/grpc/admin.controller.js';
import { AssessmentController } from './adapters/grpc/assessment.controller.js';
import { CollectionsController } from './adapters/grpc/collections.controller.js';
import { EnrolledFacesController } from './adapters/grpc/enrolled-faces.controller.js';
import { ERROR_REPORTER } from './adapters/grpc/error-reporter.js';
import { EvaluationController } from './adapters/grpc/evaluation.controller.js';
import { FaceVerificationController } from './adapters/grpc/face-verification.controller.js';
import { FailureFilter } from './adapters/grpc/failure.filter.js';
import { GRPC_SETTINGS } from './adapters/grpc/grpc-settings.js';
import { IdentificationController } from './adapters/grpc/identification.controller.js';
import { ModelDeletionController } from './adapters/grpc/model-deletion.controller.js';
import { ModelComparisonController } from './adapters/grpc/model-comparison.controller.js';
import { ModelController } from './adapters/grpc/model.controller.js';
import { ShadowController } from './adapters/grpc/shadow.controller.js';
import { TrainingController } from './adapters/grpc/training.controller.js';
import { TrainingReportController } from './adapters/grpc/training-report.controller.js';
import { TrainingScheduleController } from './adapters/grpc/training-schedule.controller.js';
import { OperationsController, READINESS, type Readiness } from './adapters/http/operations.controller.js';
import { PostgresAuditLog } from './adapters/postgres/audit-events.js';
import { Database } from './adapters/postgres/database.js';
import { PostgresApiKeyStore } from './adapters/postgres/postgres-api-key-store.js';
import { PostgresCollectionStore } from './adapters/postgres/postgres-collection-store.js';
import { PostgresEnrolledFaceStore } from './adapters/postgres/postgres-enrolled-face-store.js';
import { PostgresSubjectStore } from './adapters/postgres/postgres-subject-store.js';
import { FailureLog } from './adapters/telemetry/failure-log.js';
import type { Logger } from './adapters/telemetry/logger.js';
import { Metrics } from './adapters/telemetry/metrics.js';
import { InferenceEngine } from './adapters/worker/inference-engine.js';
import { FollowActiveModels } from './application/activate-model/follow-active-models.js';
import { ListAuditEvents } from './application/audit/list-audit-events.js';
import { RecordAdminAction } from './application/audit/record-admin-action.js';
import { CurrentCalibrations } from './application/calibrate-model/current-calibrations.js';
import { DetectFaces } from './application/detect-faces/detect-faces.js';
import { EmbedFaces } from './application/embed-faces/embed-faces.js';
import { EnrolFaces } from './application/enrol-faces/enrol-faces.js';
import { Identify } from './application/identify/identify.js';
import { Authenticate } from './application/manage-api-keys/authenticate.js';
import { ManageApiKeys } from './application/manage-api-keys/manage-api-keys.js';
import { ManageCollections } from './application/manage-collections/manage-collections.js';
import { ManageEnrolledFaces } from './application/manage-enrolled-faces/manage-enrolled-faces.js';
import { ManageSubjects } from './application/manage-subjects/manage-subjects.js';
import { ShadowVerifications } from './application/shadow-candidate/shadow-verifications.js';
import { VerifyFaces } from './application/verify-faces/verify-faces.js';
import { VerifySubject } from './application/verify-subject/verify-subject.js';
import { assessmentProviders } from './assessment-providers.js';
import { benchmarkProviders } from './benchmark-providers.js';
import type { Configuration } from './config/configuration.js';
import { createEngine } from './create-engine.js';
import { jobProviders } from './job-providers.js';
import { modelProviders } from './model-providers.js';
import type { Storage } from './open-storage.js';
import { scheduleProviders } from './schedule-providers.js';
import { shadowProviders } from './shadow-providers.js';
import { trainingProviders } from './training-providers.js';

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
