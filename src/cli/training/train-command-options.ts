/** The options of `train`. */
export interface TrainCommandOptions {
  readonly config: string;
  readonly cell?: string;
  readonly out?: string;
  readonly restart?: true;
  readonly engine: 'ort' | 'tfjs';
  readonly provider: 'cpu' | 'cuda' | 'webgpu';
  readonly threads: number;
  readonly epochs?: number;
  readonly findLearningRate?: true;
  readonly set: readonly string[];
}
