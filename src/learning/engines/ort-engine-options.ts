import type { ExecutionProvider } from '../../onnx/execution-provider.js';

/** Where and how ONNX Runtime computes gradients. */
export interface OrtEngineOptions {
  readonly provider: ExecutionProvider;
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
