import { Module } from '@nestjs/common';
import { TemplateStore } from '../../enrolment/faces/template.store.js';
import { EvaluationModule } from '../../evaluation/evaluation.module.js';
import { RegisteredModels } from '../../models/registry/registered-models.js';
import { ActiveModelStore } from '../../models/serving/active-model.store.js';
import { ServeActiveModels } from '../../models/serving/serve-active-models.js';
import { Database } from '../../platform/database/database.js';
import { CONFIGURATION, LOGGER } from '../../platform/process-context.js';
import { packagedSources } from '../../../training/pretrained/packaged-sources.js';
import { feature, provide } from '../../platform/provide.js';
import { DeleteModel } from './delete-model.js';
import { ModelDeletionController } from './model-deletion.controller.js';
import { RemoveOutdatedModels } from './remove-outdated-models.js';

/** Removes model versions with the templates under them: on demand, and trained ones that have had their day. */
@Module(
  feature({
    imports: [EvaluationModule],
    controllers: [ModelDeletionController],
    providers: [
      provide(
        DeleteModel,
        [RegisteredModels, Database, TemplateStore, ServeActiveModels],
        (registry, database, templates, serve) =>
          new DeleteModel({
            registry,
            database,
            templates,
            servedIds: async () => {
              const { backbone, detector } = await serve.activePair();
              return new Set([backbone.version.id, detector.version.id]);
            },
            packagedSources,
          }),
      ),
      provide(
        RemoveOutdatedModels,
        [RegisteredModels, ActiveModelStore, DeleteModel, CONFIGURATION, LOGGER],
        (registry, active, deleteModel, { keptTrainedModels: keptCount }, logger) =>
          new RemoveOutdatedModels({
            registry,
            active,
            deleteModel,
            keptCount,
            onFailure: (id, error) => {
              logger.error({ err: error, modelVersion: id }, 'cannot remove outdated model versions');
            },
          }),
      ),
    ],
  }),
)
export class DeletionModule {}
