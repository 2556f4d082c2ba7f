import { measureDataset, type MeasuredDataset } from './measure-dataset.js';
import type { JobContext } from '../jobs/job-attempt.js';
import type { DatasetReader } from './dataset-reader.js';
import type { FaceAnalysis } from '../../inference/analyser/face-analysis.js';
import type { VerificationStatistics } from './statistics/verification-statistics.js';
import type { MeasuredModels } from '../../core/protocols/measured-models.js';
import type { VerificationDataset } from '../../core/protocols/benchmark-dataset.js';
import { Failure } from '../../core/failure.js';
import type { Job, Json } from '../jobs/job.js';
import { benchmarkJson, type BenchmarkOrder, benchmarkOrderOf } from './benchmark-run.js';
import type { BenchmarkStore } from './benchmark.store.js';

interface RunBenchmarkParts {
  readonly store: BenchmarkStore;
  readonly read: DatasetReader;
  /**
   * Analyses by these models, at lower priority than live traffic.
   * @throws Failure MODEL_NOT_FOUND, MODEL_INVALID
   */
  readonly analysisOf: (models: MeasuredModels) => Promise<FaceAnalysis>;
  readonly statistics: Pick<VerificationStatistics, 'report'>;
  /** Images that are worked on at a time. */
  readonly parallel: number;
  /** The version of the service, recorded with every run. */
  readonly codeVersion: string;
}

/** The work of a benchmark job. What was measured is kept: an attempt goes on where the one before it was. */
export class RunBenchmark {
  constructor(private readonly parts: RunBenchmarkParts) {}

  /**
   * @throws Failure DATASET_NOT_FOUND, DATASET_INVALID, MODEL_NOT_FOUND, MODEL_INVALID, DATABASE_UNAVAILABLE; the
   *   signal's reason
   */
  async execute(job: Job, context: JobContext): Promise<Json> {
    const { store, read, statistics, codeVersion } = this.parts;
    const order = benchmarkOrderOf(job);
    const dataset = await read(await store.getDataset(order.datasetId));
    const measured = await this.measured(dataset, order, context);
    const { images, pairs, foldCount } = dataset;
    const { images: found, digests, digest: datasetDigest, halves } = measured;
    const protocol = {
      images,
      pairs,
      foldCount,
      measured: found,
      digests,
      facelessPolicy: order.facelessPolicy,
    };
    const { report: figures, outcomes } = await statistics.report(protocol);
    const report = { ...figures, ...(halves && { halves }) };
    await store.keepRun({ ...order, id: job.id, codeVersion, report, datasetDigest }, outcomes);
    return null;
  }

  /**
   * Measures the images; where other models come to serve meanwhile, it goes on with those of the order, beside
   * them.
   */
  private async measured(
    dataset: VerificationDataset,
    order: BenchmarkOrder,
    context: JobContext,
  ): Promise<MeasuredDataset> {
    for (;;) {
      try {
        return await this.attempted(dataset, order, context);
      } catch (error) {
        if (!(error instanceof Failure) || error.reason !== 'MODEL_CONTRACT_MISMATCH') throw error;
      }
    }
  }

  private async attempted(
    dataset: VerificationDataset,
    order: BenchmarkOrder,
    { report, signal }: JobContext,
  ): Promise<MeasuredDataset> {
    const { store, parallel, analysisOf } = this.parts;
    const analysis = await analysisOf(order);
    const startedAtMs = performance.now();
    let finishedImageCount = 0;
    return measureDataset(dataset, order, { analysis, store, parallel }, { signal }, () => {
      finishedImageCount++;
      const seconds = (performance.now() - startedAtMs) / 1000;
      const imagesPerSecond = seconds > 0 ? finishedImageCount / seconds : 0;
      report(benchmarkJson({ finishedImageCount, imagesPerSecond }));
    });
  }
}
