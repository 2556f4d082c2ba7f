import type { PageQuery } from '../platform/page.js';
import type { MeasuredModels } from '../../core/protocols/measured-models.js';
import type { Requester } from '../access/caller.js';
import type { RegisteredDataset } from '../../core/protocols/benchmark-dataset.js';
import type { MeasuredImage } from '../../core/protocols/measured-image.js';
import type { PairOutcomes } from '../../core/protocols/pair-outcomes.js';
import type { BenchmarkRun } from './benchmark-run.js';

/** Which image, and what it shows. */
export interface ImageIdentity {
  /** SHA-256 of its bytes. */
  readonly digest: Uint8Array;
  readonly kind: 'photograph' | 'aligned-crop';
}

/** What was measured of an image; `faceless`: no face was found. */
export interface ImageMeasurement {
  readonly image: ImageIdentity;
  readonly measured: MeasuredImage | 'faceless';
}

/** Data sets, what was measured of them and what came of benchmarks. Durable. */
export interface BenchmarkStore {
  /** Keeps it and records that in the audit log, in one transaction. @throws Failure DATASET_ALREADY_EXISTS */
  createDataset(
    dataset: Omit<RegisteredDataset, 'createTime'>,
    requester: Requester,
  ): Promise<RegisteredDataset>;
  /** @throws Failure DATASET_NOT_FOUND */
  getDataset(id: string): Promise<RegisteredDataset>;
  /** By id. */
  listDatasets(query: PageQuery): Promise<readonly RegisteredDataset[]>;
  /** Keeps what came of a job; nothing where an earlier attempt of the job has. */
  keepRun(run: Omit<BenchmarkRun, 'createTime'>, outcomes: PairOutcomes): Promise<void>;
  /** @throws Failure BENCHMARK_RUN_NOT_FOUND */
  getRun(id: string): Promise<BenchmarkRun>;
  /** Newest first; the page key is the creation time and the id. */
  listRuns(query: PageQuery): Promise<readonly BenchmarkRun[]>;
  /** What each pair of a run came to. @throws Failure BENCHMARK_RUN_NOT_FOUND */
  outcomesOf(id: string): Promise<PairOutcomes>;
  /** One an image. Undefined: never measured with these models; `faceless`: no face was found. */
  findMeasurements(
    images: readonly ImageIdentity[],
    models: MeasuredModels,
  ): Promise<readonly (MeasuredImage | 'faceless' | undefined)[]>;
  keepMeasurements(measurements: readonly ImageMeasurement[], models: MeasuredModels): Promise<void>;
}

/** What {@link BenchmarkStore.listRuns} goes by. */
export function runOrderKey({ createTime, id }: Pick<BenchmarkRun, 'createTime' | 'id'>): string {
  return `${createTime.toISOString()} ${id}`;
}
