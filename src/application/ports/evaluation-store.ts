import type { RegisteredDataset } from '../../domain/benchmark/benchmark-dataset.js';
import type { EvaluatedModels, Evaluation, EvaluationEnd } from '../../domain/benchmark/evaluation.js';
import type { MeasuredImage } from '../../domain/benchmark/verification-report.js';
import type { PageQuery } from './page.js';

/** Which image, and what it shows. */
export interface ImageIdentity {
  /** SHA-256 of its bytes. */
  readonly digest: Uint8Array;
  readonly kind: 'photograph' | 'aligned-crop';
}

/** Data sets, benchmarks and what was measured for them. Durable. */
export interface EvaluationStore {
  /** @throws Failure DATASET_ALREADY_EXISTS */
  createDataset(dataset: Omit<RegisteredDataset, 'createTime'>): Promise<RegisteredDataset>;
  /** @throws Failure DATASET_NOT_FOUND */
  getDataset(id: string): Promise<RegisteredDataset>;
  /** By id. */
  listDatasets(query: PageQuery): Promise<readonly RegisteredDataset[]>;
  create(
    evaluation: Pick<Evaluation, 'id' | 'datasetId' | 'imageCount'> & EvaluatedModels,
  ): Promise<Evaluation>;
  /** @throws Failure EVALUATION_NOT_FOUND */
  get(id: string): Promise<Evaluation>;
  /** Newest first, without reports; the page key is the creation time and the id. */
  list(query: PageQuery): Promise<readonly Evaluation[]>;
  /** Those that were begun and have not ended, oldest first. */
  unfinished(): Promise<readonly Evaluation[]>;
  /** Ends it, unless it has ended. */
  finish(id: string, end: EvaluationEnd): Promise<void>;
  /** Undefined: never measured with these models; `faceless`: no face was found. */
  findMeasurement(
    image: ImageIdentity,
    models: EvaluatedModels,
  ): Promise<MeasuredImage | 'faceless' | undefined>;
  keepMeasurement(
    image: ImageIdentity,
    models: EvaluatedModels,
    measurement: MeasuredImage | 'faceless',
  ): Promise<void>;
}

/** What {@link EvaluationStore.list} goes by. */
export function evaluationOrderKey({ createTime, id }: Pick<Evaluation, 'createTime' | 'id'>): string {
  return `${createTime.toISOString()} ${id}`;
}
