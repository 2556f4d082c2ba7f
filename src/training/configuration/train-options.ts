import type { StepProgress, TrainingPosition } from '../../learning/step/training-run.js';
import type { HeadProgress } from '../data/class-mean-head.js';
import type { EvaluationResult } from '../evaluation/measure-evaluation-set.js';
import type { ProcessGroup } from '../../learning/engines/process-group.js';
import type { OrtEngineOptions } from '../../learning/engines/ort-engine-options.js';
import type {
  ChoiceEntry,
  LearningRateEntry,
  SmoothingEntry,
  LogEntry,
  ReplayEntry,
  RunLog,
} from '../runs/run-log.js';
import type { TeacherProgress } from '../distillation/teacher-embeddings.js';
import type { TrainingConfiguration } from './training-configuration.js';

export interface TrainOptions {
  /** The folder that everything of the run goes to. */
  readonly runFolder: string;
  /** Forgets the checkpoints that are there. */
  readonly restart: boolean;
  /** `tfjs`: evaluated on the backend that is current. */
  readonly engine: OrtEngineOptions | 'tfjs';
  /** Those that train together. Default: this process alone */
  readonly processes?: ProcessGroup;
  /**
   * The key that enrolled faces are encrypted with; checkpoints of a run on them are encrypted with it too.
   */
  readonly encryptionKey?: Uint8Array;
}

/** What a run says of itself while it goes on. */
export interface TrainObserver {
  /** It is told of faces that are embedded before the start, where the head begins as class means. */
  readonly onHead?: HeadProgress;
  /** It is told of faces that are embedded before the start, where a teacher has not embedded them yet. */
  readonly onTeacher?: TeacherProgress;
  onStart(start: TrainStart): void;
  onStep(progress: StepProgress): void;
  /** It is told of each entry of the run's log; where the run goes on, of the earlier ones first. */
  onLogEntry?(entry: LogEntry): void;
  /** The run goes on once this resolves. */
  onEvaluation(position: TrainingPosition, results: readonly EvaluationResult[]): void | Promise<void>;
  /** It is told which learning rate was found, where that was looked for. */
  onLearningRate?(found: LearningRateEntry): void;
  /** It is told how the crops are smoothed, where that was found. */
  onSmoothing?(found: SmoothingEntry): void;
  /** It is told of each sign that the network has stopped learning, once. */
  onWarning?(text: string): void;
  /** So many of the networks that are chosen among are measured. */
  onChoosing?(measured: number, networks: number): void;
  /** It is told how far to go to the trained weights, where that was found. */
  onChoice?(choice: ChoiceEntry): void;
  /** The run goes on once this resolves. */
  onCheckpoint?(position: TrainingPosition): Promise<void>;
}

export interface TrainStart {
  readonly parameterCount: number;
  readonly classCount: number;
  readonly faceCount: number;
  readonly symmetricCount: number;
  /** N' (Eq. 8) */
  readonly samplesPerEpoch: number;
  readonly stepsPerEpoch: number;
  readonly epochs: number;
  readonly heldOutIdentityCount: number;
  /** What of a second data set is trained on, which is among the faces and classes. */
  readonly replay: ReplayEntry | undefined;
  /** What was left out of the data, and what is trained on otherwise than the files say, for people */
  readonly remarks: readonly string[];
  readonly from: TrainingPosition;
}

export interface TrainResult {
  readonly position: TrainingPosition;
  readonly isDone: boolean;
  /** What was chosen of a run that is done and looked for the share of the way. */
  readonly choice: ChoiceEntry | undefined;
  /** The folder with which the network that was trained can be imported. */
  readonly modelFolder: string;
  readonly log: RunLog;
  readonly configuration: TrainingConfiguration;
}

/** The number of threads for what is computed by ONNX Runtime besides the steps. */
export function threadsOf({ engine }: TrainOptions): number {
  return engine === 'tfjs' ? 0 : engine.threads;
}
