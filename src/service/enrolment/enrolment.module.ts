import { Inject, Module, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { InferenceEngine } from '../../inference/workers/inference-engine.js';
import { BackgroundJobs } from '../jobs/background-jobs.js';
import { JobTypes } from '../jobs/job-type.js';
import { JobsModule } from '../jobs/jobs.module.js';
import { FollowActiveModels } from '../models/serving/follow-active-models.js';
import { ClosingSteps } from '../platform/closing-steps.js';
import { Database } from '../platform/database/database.js';
import { DatabaseHealth } from '../platform/database/database-health.js';
import { DataKeys } from '../platform/encryption/data-keys.js';
import { CONFIGURATION, LOGGER } from '../platform/process-context.js';
import { Metrics } from '../platform/telemetry/metrics.js';
import { feature, provide } from '../platform/provide.js';
import { CurrentCalibrations } from '../verification/calibration/current-calibrations.js';
import { VerificationModule } from '../verification/verification.module.js';
import { VerificationObservers } from '../verification/verification-observers.js';
import { CollectionsController } from './collections/collections.controller.js';
import { ManageCollections } from './collections/manage-collections.js';
import { CollectionStore } from './collections/collection.store.js';
import { CalibrationFaceStore } from './faces/calibration-face.store.js';
import { CheckTemplates } from './faces/check-templates.js';
import { DamagedTemplates } from './faces/damaged-templates.js';
import { EnrolFaces } from './faces/enrol-faces.js';
import { EnrolledFacesController } from './faces/enrolled-faces.controller.js';
import { ManageEnrolledFaces } from './faces/manage-enrolled-faces.js';
import { EnrolledFaceStore } from './faces/enrolled-face.store.js';
import { TemplateStore } from './faces/template.store.js';
import { GalleryRoom } from './gallery/gallery-room.js';
import { GallerySearchService } from './gallery/gallery-search-service.js';
import { IdentificationController } from './identification/identification.controller.js';
import { Identify } from './identification/identify.js';
import { IndexCollection } from './indexing/index-collection.js';
import { indexingJobs } from './indexing/indexing-jobs.js';
import { RunIndexing } from './indexing/run-indexing.js';
import { MergeSubjects } from './subjects/merge-subjects.js';
import { ManageSubjects } from './subjects/manage-subjects.js';
import { SubjectStore } from './subjects/subject.store.js';
import { VerifySubject } from './subjects/verify-subject.js';

const stores = [
  provide(DamagedTemplates, [LOGGER, Metrics], (logger, metrics) => {
    return new DamagedTemplates((faceId, modelVersion) => {
      metrics.onDamagedTemplate();
      logger.error(
        { faceId, modelVersion },
        'a template is damaged and left out: "symface faces verify --repair"',
      );
    });
  }),
  provide(CollectionStore, [Database], (database) => new CollectionStore(database)),
  provide(SubjectStore, [Database], (database) => new SubjectStore(database)),
  provide(
    EnrolledFaceStore,
    [Database, DataKeys, DamagedTemplates],
    (database, keys, damaged) => new EnrolledFaceStore(database, keys, damaged),
  ),
  provide(
    TemplateStore,
    [Database, DataKeys, DamagedTemplates],
    (database, keys, damaged) => new TemplateStore(database, keys, damaged),
  ),
  provide(
    CalibrationFaceStore,
    [Database, DataKeys],
    (database, keys) => new CalibrationFaceStore(database, keys),
  ),
  provide(
    GalleryRoom,
    [CONFIGURATION, InferenceEngine, CollectionStore, DatabaseHealth, Metrics, LOGGER],
    ({ galleryMemoryBytes }, engine, collections, health, metrics, logger) => {
      const room = new GalleryRoom(
        galleryMemoryBytes,
        () => engine.served?.embeddingDimension,
        ({ tenant, collectionId }, share) => {
          logger.warn(
            { tenant, collection: collectionId, share },
            'a collection will soon be too large for exact search: raise SYMFACE_GALLERY_MEMORY_MIB, or "symface collections index"',
          );
        },
      );
      metrics.watchGallery(async () =>
        room.shareOf(await health.ask(async () => collections.largestWithoutIndex())),
      );
      return room;
    },
  ),
  provide(
    GallerySearchService,
    [Database, DataKeys, CONFIGURATION, LOGGER, DamagedTemplates],
    (database, keys, { galleryMemoryBytes }, logger, damaged) =>
      new GallerySearchService(database, keys, galleryMemoryBytes, logger, damaged),
  ),
];

const useCases = [
  provide(
    IndexCollection,
    [Database, BackgroundJobs],
    (database, jobs) => new IndexCollection(database, jobs),
  ),
  provide(RunIndexing, [Database, DataKeys], (database, keys) => new RunIndexing(database, keys)),
  provide(ManageCollections, [CollectionStore], (collections) => new ManageCollections(collections)),
  provide(ManageSubjects, [SubjectStore], (subjects) => new ManageSubjects(subjects)),
  provide(MergeSubjects, [Database], (database) => new MergeSubjects(database)),
  provide(ManageEnrolledFaces, [EnrolledFaceStore], (faces) => new ManageEnrolledFaces(faces)),
  provide(
    CheckTemplates,
    [InferenceEngine, EnrolledFaceStore, TemplateStore],
    (analysis, faces, templates) =>
      new CheckTemplates({ analysis, servedBackbone: () => analysis.served?.backboneId, faces, templates }),
  ),
  provide(
    EnrolFaces,
    [
      InferenceEngine,
      CollectionStore,
      SubjectStore,
      EnrolledFaceStore,
      GallerySearchService,
      GalleryRoom,
      FollowActiveModels,
    ],
    (analysis, collections, subjects, faces, { search: gallery }, room, models) =>
      new EnrolFaces({ analysis, collections, subjects, faces, gallery, room, models }),
  ),
  provide(
    VerifySubject,
    [
      InferenceEngine,
      SubjectStore,
      EnrolledFaceStore,
      CurrentCalibrations,
      FollowActiveModels,
      VerificationObservers,
    ],
    (analysis, subjects, faces, calibrations, models, observer) =>
      new VerifySubject({ analysis, subjects, faces, calibrations, models, observer }),
  ),
  provide(
    Identify,
    [
      InferenceEngine,
      CollectionStore,
      SubjectStore,
      EnrolledFaceStore,
      GallerySearchService,
      CurrentCalibrations,
      FollowActiveModels,
      VerificationObservers,
    ],
    (analysis, collections, subjects, faces, { search: gallery }, calibrations, models, observer) =>
      new Identify({ analysis, collections, subjects, faces, gallery, calibrations, models, observer }),
  ),
];

/** Persons whose faces are kept: collections, subjects, enrolled faces, and the search among them. */
@Module(
  feature({
    imports: [JobsModule, VerificationModule],
    controllers: [CollectionsController, EnrolledFacesController, IdentificationController],
    providers: [...stores, ...useCases],
  }),
)
export class EnrolmentModule implements OnModuleInit, OnApplicationShutdown {
  constructor(
    @Inject(GallerySearchService) private readonly gallery: GallerySearchService,
    @Inject(JobTypes) private readonly jobTypes: JobTypes,
    @Inject(RunIndexing) private readonly indexing: RunIndexing,
    @Inject(ClosingSteps) private readonly closing: ClosingSteps,
  ) {}

  onModuleInit(): void {
    this.jobTypes.register(indexingJobs(this.indexing));
  }

  async onApplicationShutdown(): Promise<void> {
    await this.closing.run('the gallery’s thread', async () => this.gallery.close());
  }
}
