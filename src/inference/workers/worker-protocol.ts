import type { AnalysedImage, AnalysisRequest } from '../analyser/face-analysis.js';
import type { StageDurations } from '../analyser/stage-durations.js';
import type { ModelPair } from './model-serving.js';
import type { FailureRecord } from '../../core/failure-record.js';
import type { ExecutionProvider } from '../../onnx/execution-provider.js';

/** What a worker needs to know before it can serve; the first message that it gets. */
export interface WorkerSetup {
  readonly models: ModelPair;
  readonly intraOpThreads: number;
  /** Where detector and backbone are computed; the CPU where it is left out. */
  readonly provider?: ExecutionProvider;
  /** Crops that are embedded in one run at most. */
  readonly maximumBatchSize: number;
  readonly imageLimits: { readonly maximumBytes: number; readonly maximumPixels: number };
}

export type MessageToWorker =
  | { readonly type: 'setup'; readonly setup: WorkerSetup }
  | { readonly type: 'analyse'; readonly jobId: number; readonly request: AnalysisRequest }
  | { readonly type: 'cancel'; readonly jobId: number };

export type MessageFromWorker =
  | { readonly type: 'ready'; readonly warmUpMs: number }
  | { readonly type: 'setup-failed'; readonly error: FailureRecord }
  | {
      readonly type: 'analysed';
      readonly jobId: number;
      readonly image: AnalysedImage;
      readonly stages?: StageDurations;
    }
  | {
      readonly type: 'failed';
      readonly jobId: number;
      readonly error: FailureRecord;
      readonly stages?: StageDurations;
    };
