import type { ExecutionProvider } from '../../onnx/execution-provider.js';

/** The bits of the floats that networks are trained in: 32, or 32 and 16. */
export const trainingPrecisions = ['single', 'mixed'] as const;
export type TrainingPrecision = (typeof trainingPrecisions)[number];

/** Where and how ONNX Runtime computes gradients. */
export interface OrtEngineOptions {
  readonly provider: ExecutionProvider;
  /**
   * `mixed`: products in 16-bit floats, what is kept in 32, gradients of a scaled loss. On the CPU it is only rounded so, to
   * see without a GPU whether a training bears it. Default: `single`
   */
  readonly precision?: TrainingPrecision;
  /** Threads of an operator on the CPU; 0: as many as there are cores. */
  readonly threads: number;
  /** Which of the machine's GPUs computes, from 0. Default: the first */
  readonly device?: number;
  /**
   * The beginning of the path at which ONNX Runtime writes how long each operator took; where it is absent, nothing
   * is written.
   */
  readonly profilePath?: string;
}
