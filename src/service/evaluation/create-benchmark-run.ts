import type { JobQueue } from '../jobs/job-queue.js';
import type { ServedModels } from '../../inference/analyser/face-analysis.js';
import type { Requester } from '../access/caller.js';
import type { FacelessPolicy } from '../../core/protocols/faceless-policy.js';
import { Failure } from '../../core/failure.js';
import type { Job } from '../jobs/job.js';
import { benchmarkJson } from './benchmark-run.js';
import type { BenchmarkStore } from './benchmark.store.js';

export interface BenchmarkRequest {
  readonly datasetId: string;
  readonly facelessPolicy: FacelessPolicy;
  /** Id of a backbone's version; the one that serves where undefined. */
  readonly modelVersion: string | undefined;
}

interface CreateBenchmarkRunParts {
  readonly jobs: Pick<JobQueue, 'enqueue'>;
  readonly datasets: Pick<BenchmarkStore, 'getDataset'>;
  /** What serves now. */
  readonly served: () => ServedModels | undefined;
  /** @throws Failure MODEL_NOT_FOUND */
  readonly requireBackbone: (id: string) => Promise<unknown>;
}

/** Has a verification protocol run on a model: queues the job that does it. */
export class CreateBenchmarkRun {
  constructor(private readonly parts: CreateBenchmarkRunParts) {}

  /** @throws Failure DATASET_NOT_FOUND, MODEL_NOT_FOUND, SHUTTING_DOWN */
  async execute(
    { datasetId, facelessPolicy, modelVersion: given }: BenchmarkRequest,
    requester: Requester,
  ): Promise<Job> {
    const models = this.parts.served();
    if (models === undefined) {
      throw new Failure('SHUTTING_DOWN', 'The service is starting or shutting down. Try again.');
    }
    if (given !== undefined) await this.parts.requireBackbone(given);
    const { imageCount } = await this.parts.datasets.getDataset(datasetId);
    const [modelVersion, detectorVersion] = [given ?? models.backboneId, models.detectorId];
    return this.parts.jobs.enqueue({
      kind: 'benchmark',
      input: benchmarkJson({ datasetId, facelessPolicy, imageCount, modelVersion, detectorVersion }),
      requester,
      details: { dataset: `datasets/${datasetId}`, model_version: `modelVersions/${modelVersion}` },
    });
  }
}
