/**
 * Processes that train one network together: each on its own batches, with the same weights. Every process calls the same
 * methods in the same order.
 */
export interface ProcessGroup {
  /** From 0; the process 0 measures, writes and reports. */
  readonly rank: number;
  readonly size: number;
  /** Those of this machine, which share its cores and its memory; this process among them. */
  readonly localSize: number;
  /** Adds up each array over the processes, in place: all have the sums then, to the bit. */
  sum(arrays: readonly Float32Array[]): Promise<void>;
  /**
   * Adds up an array over the processes, but each has the sums of its own share of it alone: of the Nth part by the order of ranks,
   * which lies at the beginning of its array then. What else is in the array means nothing any more. The length is a multiple of the processes.
   */
  sumShare(array: Float32Array): Promise<void>;
  /** Copies arrays of process 0 into those of the others, which are as long. */
  share(arrays: readonly (Float32Array | Float64Array)[]): Promise<void>;
  /** Copies an array of each process, all as long, into one array that all have: in the order of ranks. It may lie in that array already, at its place. */
  gather(part: Float32Array, whole: Float32Array): Promise<void>;
  /** Waits, without a core, until all processes are here, however long the others take. */
  meet(): Promise<void>;
}
