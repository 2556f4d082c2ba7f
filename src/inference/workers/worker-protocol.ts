import type { AnalysedImage, AnalysisRequest } from '../analyser/face-analysis.js';
import type { ModelPair } from './model-serving.js';
import { Failure, type FailureReason, type FieldViolation } from '../../core/failure.js';

/** What a worker needs to know before it can serve; the first message that it gets. */
export interface WorkerSetup {
  readonly models: ModelPair;
  readonly intraOpThreads: number;
  /** Crops that are embedded in one run at most. */
  readonly maximumBatchSize: number;
  readonly imageLimits: { readonly maximumBytes: number; readonly maximumPixels: number };
}

/** A {@link Failure} as it crosses the process boundary. */
export interface FailureRecord {
  readonly reason: FailureReason;
  readonly message: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly fieldViolations: readonly FieldViolation[];
}

/** Why a job failed: an expected failure, or a defect that only the log should see. */
export type JobError =
  | { readonly kind: 'failure'; readonly failure: FailureRecord }
  | { readonly kind: 'defect'; readonly message: string; readonly stack: string | undefined };

export type MessageToWorker =
  | { readonly type: 'setup'; readonly setup: WorkerSetup }
  | { readonly type: 'analyse'; readonly jobId: number; readonly request: AnalysisRequest }
  | { readonly type: 'cancel'; readonly jobId: number };

export type MessageFromWorker =
  | { readonly type: 'ready'; readonly warmUpMs: number }
  | { readonly type: 'setup-failed'; readonly error: JobError }
  | { readonly type: 'analysed'; readonly jobId: number; readonly image: AnalysedImage }
  | { readonly type: 'failed'; readonly jobId: number; readonly error: JobError };

export function toJobError(error: unknown): JobError {
  if (error instanceof Failure) {
    const { reason, message, metadata, fieldViolations } = error;
    return { kind: 'failure', failure: { reason, message, metadata, fieldViolations } };
  }
  const defect = error instanceof Error ? error : new Error(String(error));
  return { kind: 'defect', message: defect.message, stack: defect.stack };
}

export function fromJobError(error: JobError): Error {
  if (error.kind === 'failure') {
    const { reason, message, metadata, fieldViolations } = error.failure;
    return new Failure(reason, message, metadata, fieldViolations);
  }
  const defect = new Error(error.message);
  if (error.stack !== undefined) defect.stack = error.stack;
  return defect;
}
