/** What a graph is written for. */
export interface CompilationTarget {
  /** Operators of ONNX Runtime's own (`com.microsoft`) may be used where they are faster on its CPU provider. */
  readonly hasRuntimeOperators: boolean;
  /**
   * The number of channels that ONNX Runtime's blocked layout (`com.microsoft.nchwc`) keeps together on the machine that
   * runs the graph; undefined where the graph must not use that layout.
   */
  readonly channelBlock: number | undefined;
  /**
   * Products are computed in 16-bit floats, of numbers that are kept in 32 (mixed precision). Absent: in 32 bits.
   *
   * `computed`: by a provider that has kernels for them. `rounded`: of operators that round alike, on ONNX Runtime's CPU
   * provider, which takes plain casts out again and would compute in 32 bits.
   */
  readonly halfProducts?: 'computed' | 'rounded';
  /** How many processes exchange values in the middle of the graph, which is then compiled in stages. Absent: none do */
  readonly processCount?: number;
}

/** The target of any runtime that has the standard operators. */
export const STANDARD_ONNX: CompilationTarget = { hasRuntimeOperators: false, channelBlock: undefined };
