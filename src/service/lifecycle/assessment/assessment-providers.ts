import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Provider } from '@nestjs/common';
import { PostgresAuditLog } from '../../access/audit/audit-events.js';
import { PostgresActiveModelStore } from '../../models/serving/postgres-active-model-store.js';
import { PostgresEvaluationStore } from '../../evaluation/postgres-evaluation-store.js';
import { PostgresHeldOutFaceStore } from './postgres-held-out-face-store.js';
import { PostgresJobQueue } from '../../jobs/postgres-job-queue.js';
import { ThreadedStatistics } from '../../evaluation/statistics/threaded-statistics.js';
import { ChosenModelAnalysis } from '../../models/serving/chosen-model-analysis.js';
import { ProcessModelTiming } from '../../../inference/workers/process-model-timing.js';
import { ManageActivations } from '../activation/manage-activations.js';
import { ServeActiveModels } from '../../models/serving/serve-active-models.js';
import { CompareBenchmarks } from './compare-benchmarks.js';
import { CompareHeldOut } from './compare-held-out.js';
import { ManageAssessments } from './manage-assessments.js';
import { RunAssessment } from './run-assessment.js';
import { CompareEvaluations } from '../../evaluation/compare-evaluations.js';
import { ManageDatasets } from '../../evaluation/manage-datasets.js';
import { RunEvaluations } from '../../evaluation/run-evaluations.js';
import { CalibrateModel } from '../../evaluation/calibrate-model.js';
import { BackgroundJobs } from '../../jobs/background-jobs.js';
import type { ModelRegistry, StoredModelVersion } from '../../../storage/models/model-registry.js';
import { bundleFilesOf } from '../../../core/models/contract.js';
import { MODEL_REGISTRY } from '../../models/model-providers.js';
import type { Storage } from '../../platform/open-storage.js';

/** Candidates beside the model that serves. */
export function assessmentProviders(storage: Storage): Provider[] {
  const { database, box } = storage;
  return [
    manageAssessments(storage),
    {
      provide: CompareHeldOut,
      useFactory: (chosen: ChosenModelAnalysis, statistics: ThreadedStatistics) =>
        new CompareHeldOut({
          faces: new PostgresHeldOutFaceStore(database, box),
          analysisOf: async (models) => chosen.by(models),
          statistics,
        }),
      inject: [ChosenModelAnalysis, ThreadedStatistics],
    },
    {
      provide: CompareBenchmarks,
      useFactory: (evaluations: RunEvaluations, compare: CompareEvaluations) =>
        new CompareBenchmarks({ evaluations, compare }),
      inject: [RunEvaluations, CompareEvaluations],
    },
    {
      provide: RunAssessment,
      useFactory: (
        registry: ModelRegistry,
        serve: ServeActiveModels,
        heldOut: CompareHeldOut,
        benchmarks: CompareBenchmarks,
        registered: ManageDatasets,
        calibrate: CalibrateModel,
        activations: ManageActivations,
      ) =>
        new RunAssessment({
          registry,
          activePair: async () => serve.activePair(),
          heldOut,
          benchmarks,
          datasets: registered,
          timing: new ProcessModelTiming(),
          sizeBytes,
          calibrate,
          activations,
        }),
      inject: [
        MODEL_REGISTRY,
        ServeActiveModels,
        CompareHeldOut,
        CompareBenchmarks,
        ManageDatasets,
        CalibrateModel,
        ManageActivations,
      ],
    },
  ];
}

/** How assessments are ordered and looked at; their work is the gateways'. */
export function manageAssessments({ database, box }: Storage): Provider {
  const auditLog = new PostgresAuditLog(database);
  const datasets = new PostgresEvaluationStore(database, box);
  return {
    provide: ManageAssessments,
    useFactory: (queue: PostgresJobQueue, registry: ModelRegistry, jobs: BackgroundJobs) =>
      new ManageAssessments({
        queue,
        registry,
        datasets,
        auditLog,
        active: new PostgresActiveModelStore(database, box),
        wake: () => {
          jobs.wake('evaluation');
        },
      }),
    inject: [PostgresJobQueue, MODEL_REGISTRY, BackgroundJobs],
  };
}

/** Of all its graphs. */
async function sizeBytes({ version, folder }: StoredModelVersion): Promise<number> {
  let total = 0;
  for (const { fileName } of bundleFilesOf(version.manifest))
    total += (await stat(join(folder, fileName))).size;
  return total;
}
