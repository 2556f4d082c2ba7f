import type { TrainingSteps } from './training-steps.js';
import type { TrainingPrecision } from '../../learning/engines/ort-engine-options.js';
import type { TrainingProvider } from '../../learning/engines/training-provider.js';
import type { LogEntry } from '../runs/run-log.js';
import type { ProviderAnswer, ProviderQuestion } from '../../onnx/execution-provider.js';

/** What a training process is started with; by message, so that the key is in no file, argument or environment. */
export interface TrainerSetup {
  /** YAML; its paths are relative to the folder. */
  readonly configuration: string;
  readonly folder: string;
  readonly encryptionKey: Uint8Array;
  readonly provider: TrainingProvider;
  readonly precision: TrainingPrecision;
  /** The threads of an operation; 0: as many as there are cores. */
  readonly threads: number;
}

export type MessageToTrainer =
  | { readonly type: 'setup'; readonly setup: TrainerSetup }
  /** It comes in place of a setup. */
  | ProviderQuestion<TrainingProvider>
  /** End after the step in hand, with a checkpoint. */
  | { readonly type: 'stop' }
  /** The checkpoint is safe: go on. */
  | { readonly type: 'checkpoint-kept' };

export type MessageFromTrainer =
  | { readonly type: 'step'; readonly steps: TrainingSteps }
  /** What the run's log has: of a run that goes on, the earlier entries first. */
  | { readonly type: 'logged'; readonly entry: LogEntry }
  /** Networks on the way to the trained weights that are measured, of all. */
  | { readonly type: 'choosing'; readonly measured: number; readonly networks: number }
  /** A checkpoint was written; the trainer waits until it is kept. */
  | { readonly type: 'checkpoint' }
  /** The steps are those of the network that was exported. */
  | { readonly type: 'ended'; readonly isDone: boolean; readonly steps: number }
  | ProviderAnswer;

/** The names of what lies in the run's folder, which is in the setup's. */
export const runFolderName = 'run';
export const snapshotFileName = 'faces';
export const parentFileName = 'parent.onnx';
export const reportFileName = 'report.html';
export const logFileName = 'log.jsonl';
