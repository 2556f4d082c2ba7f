/** What a graph is written for. */
export interface CompilationTarget {
  /** Operators of ONNX Runtime's own (`com.microsoft`) may be used where they are faster on its CPU provider. */
  readonly hasRuntimeOperators: boolean;
  /**
   * The number of channels that ONNX Runtime's blocked layout (`com.microsoft.nchwc`) keeps together on the machine that
   * runs the graph; undefined where the graph must not use that layout.
   */
  readonly channelBlock: number | undefined;
}

/** The target of any runtime that has the standard operators. */
export const STANDARD_ONNX: CompilationTarget = { hasRuntimeOperators: false, channelBlock: undefined };
