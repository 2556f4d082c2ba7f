import type { FailureReason } from '../../core/failure.js';
import type { FacelessPolicy } from '../../core/protocols/faceless-policy.js';
import type { VerificationReport } from '../../core/protocols/verification-report.js';

/** The models that a benchmark is about. */
export interface EvaluatedModels {
  readonly modelVersion: string;
  readonly detectorVersion: string;
}

/** How an evaluation ended. */
export type EvaluationEnd =
  | { readonly state: 'succeeded'; readonly report: VerificationReport; readonly datasetDigest: string }
  | { readonly state: 'failed'; readonly reason: FailureReason | undefined; readonly message: string }
  | { readonly state: 'cancelled' };

/** A benchmark of the models that served when it was asked for. */
export interface Evaluation extends EvaluatedModels {
  /** UUID. */
  readonly id: string;
  readonly datasetId: string;
  readonly facelessPolicy: FacelessPolicy;
  /** Of the service that took it on. */
  readonly codeVersion: string;
  readonly imageCount: number;
  readonly finishedImageCount: number;
  /** While it runs in this process. */
  readonly imagesPerSecond?: number;
  readonly createTime: Date;
  readonly endTime: Date | undefined;
  /** Undefined while it runs. */
  readonly end: EvaluationEnd | undefined;
}
