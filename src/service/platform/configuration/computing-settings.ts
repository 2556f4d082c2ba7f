import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { type Precision, precisions } from '../../../core/models/precision.js';
import { type TrainingPrecision, trainingPrecisions } from '../../../learning/engines/ort-engine-options.js';
import { type TrainingProvider, trainingProviders } from '../../../learning/engines/training-provider.js';
import { type ExecutionProvider, executionProviders } from '../../../onnx/execution-provider.js';
import { wholeNumber } from './whole-number.js';

/** What networks are computed on, when they serve and when they are trained. */
export const computingVariables = {
  SYMFACE_PRECISION: z.enum(precisions).default('float32'),
  SYMFACE_TRAINING_PROVIDER: z.enum(['auto', ...trainingProviders]).default('cpu'),
  SYMFACE_TRAINING_PRECISION: z.enum(trainingPrecisions).default('single'),
  SYMFACE_TRAINING_THREADS: wholeNumber(0, 1024).default(0),
  SYMFACE_SERVING_PROVIDER: z.enum(executionProviders).default('cpu'),
  SYMFACE_WORKERS: wholeNumber(1, 256).optional(),
  SYMFACE_THREADS_PER_WORKER: wholeNumber(1, 256).default(1),
  SYMFACE_MAX_BATCH_SIZE: wholeNumber(1, 256).default(8),
};

type Variables = z.infer<z.ZodObject<typeof computingVariables>>;

export interface ComputingSettings {
  /** The precision of the backbone that comes with SymFace, where none was activated. */
  readonly precision: Precision;
  /** The provider that trainings compute on; `auto`: a GPU where one works. */
  readonly trainingProvider: TrainingProvider | 'auto';
  readonly trainingPrecision: TrainingPrecision;
  /** The threads of an operation of a training; 0: as many as there are cores. */
  readonly trainingThreads: number;
  /** The provider that inference workers compute on. */
  readonly servingProvider: ExecutionProvider;
  readonly workerCount: number;
  readonly threadsPerWorker: number;
  readonly maximumBatchSize: number;
}

export function readComputing(settings: Variables): ComputingSettings {
  return {
    precision: settings.SYMFACE_PRECISION,
    trainingProvider: settings.SYMFACE_TRAINING_PROVIDER,
    trainingPrecision: settings.SYMFACE_TRAINING_PRECISION,
    trainingThreads: settings.SYMFACE_TRAINING_THREADS,
    servingProvider: settings.SYMFACE_SERVING_PROVIDER,
    workerCount: settings.SYMFACE_WORKERS ?? defaultWorkerCount(settings),
    threadsPerWorker: settings.SYMFACE_THREADS_PER_WORKER,
    maximumBatchSize: settings.SYMFACE_MAX_BATCH_SIZE,
  };
}

/** As many as fill the cores; on a GPU one, whose batches are the larger for it. */
function defaultWorkerCount(settings: Variables): number {
  if (settings.SYMFACE_SERVING_PROVIDER !== 'cpu') return 1;
  return Math.max(1, Math.floor(availableParallelism() / settings.SYMFACE_THREADS_PER_WORKER));
}
