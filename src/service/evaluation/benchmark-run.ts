import type { MeasuredModels } from '../../core/protocols/measured-models.js';
import type { FacelessPolicy } from '../../core/protocols/faceless-policy.js';
import type { VerificationReport } from '../../core/protocols/verification-report.js';
import type { Job, Json } from '../jobs/job.js';

/** What a benchmark job is asked to do: a protocol on a model. */
export interface BenchmarkOrder extends MeasuredModels {
  readonly datasetId: string;
  readonly facelessPolicy: FacelessPolicy;
  readonly imageCount: number;
}

/** How far a benchmark job is. */
export interface BenchmarkProgress {
  readonly finishedImageCount: number;
  /** The speed in this attempt; images that were measured before come fast. */
  readonly imagesPerSecond: number;
}

/** What came of a benchmark job. It outlives the job. */
export interface BenchmarkRun extends BenchmarkOrder {
  /** The job's. */
  readonly id: string;
  /** The version of the service that measured it. */
  readonly codeVersion: string;
  readonly report: VerificationReport;
  /** SHA-256 of the pairs and of every image, hex. */
  readonly datasetDigest: string;
  readonly createTime: Date;
}

/** The value as a job's row holds it. */
export function benchmarkJson(value: BenchmarkOrder | BenchmarkProgress): Json {
  return { ...value };
}

/** What a job's row holds. */
export function benchmarkOrderOf({ input }: Pick<Job, 'input'>): BenchmarkOrder {
  return input as unknown as BenchmarkOrder;
}

/** What a job's worker told last; undefined before the first time. */
export function benchmarkProgressOf({ progress }: Pick<Job, 'progress'>): BenchmarkProgress | undefined {
  return (progress ?? undefined) as unknown as BenchmarkProgress | undefined;
}
