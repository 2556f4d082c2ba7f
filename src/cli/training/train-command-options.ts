import type { TrainingPrecision } from '../../learning/engines/ort-engine-options.js';
import type { ProviderChoice } from './usable-provider.js';

/** The options of `train`. */
export interface TrainCommandOptions {
  readonly config: string;
  readonly cell?: string;
  readonly output?: string;
  readonly restart?: true;
  readonly engine: 'ort' | 'tfjs';
  readonly provider: ProviderChoice;
  readonly precision: TrainingPrecision;
  readonly threads: number;
  readonly epochs?: number;
  readonly findLearningRate?: true;
  readonly set: readonly string[];
}
