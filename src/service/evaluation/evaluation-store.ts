import type { RegisteredDataset } from '../../core/protocols/benchmark-dataset.js';
import type { EvaluatedModels, Evaluation, EvaluationEnd } from './evaluation.js';
import type { MeasuredImage } from '../../core/protocols/measured-image.js';
import type { PairOutcomes } from '../../core/protocols/pair-outcomes.js';
import type { PageQuery } from '../platform/page.js';

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

/** Who works on an evaluation, and for how long unless the claim is renewed. */
export interface EvaluationClaim {
  readonly id: string;
  /** A process. */
  readonly claimant: string;
  readonly leaseMs: number;
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
    evaluation: Pick<Evaluation, 'id' | 'datasetId' | 'imageCount' | 'facelessPolicy' | 'codeVersion'> &
      EvaluatedModels,
  ): Promise<Evaluation>;
  /** @throws Failure EVALUATION_NOT_FOUND */
  get(id: string): Promise<Evaluation>;
  /** Newest first, without reports; the page key is the creation time and the id. */
  list(query: PageQuery): Promise<readonly Evaluation[]>;
  /** Those that have not ended and that nobody works on, oldest first. */
  unclaimed(): Promise<readonly Evaluation[]>;
  /** Takes it, or renews the claim, and notes the progress. @returns false where it has ended or another one has it */
  claim(claim: EvaluationClaim, finishedImageCount: number): Promise<boolean>;
  /** Gives it back, so that another may go on at once. */
  release(claim: EvaluationClaim): Promise<void>;
  /** Ends it, unless it has ended. */
  finish(id: string, end: EvaluationEnd, outcomes?: PairOutcomes): Promise<void>;
  /** Of one that succeeded. */
  outcomesOf(id: string): Promise<PairOutcomes | undefined>;
  /** One an image. Undefined: never measured with these models; `faceless`: no face was found. */
  findMeasurements(
    images: readonly ImageIdentity[],
    models: EvaluatedModels,
  ): Promise<readonly (MeasuredImage | 'faceless' | undefined)[]>;
  keepMeasurements(measurements: readonly ImageMeasurement[], models: EvaluatedModels): Promise<void>;
}

/** What {@link EvaluationStore.list} goes by. */
export function evaluationOrderKey({ createTime, id }: Pick<Evaluation, 'createTime' | 'id'>): string {
  return `${createTime.toISOString()} ${id}`;
}
