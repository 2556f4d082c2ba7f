import type { WeightArray, Weights } from '../../core/models/weights.js';
import type { HeadShare } from '../step/head-share.js';
import { HEAD } from '../step/training-spec.js';
import type { ProcessGroup } from './process-group.js';

/** Rows of class weights that are exchanged at once: some megabytes. */
const rowsAtOnce = 16;

/**
 * Class weights of which each process has some columns.
 * @param shares of all processes, in the order of ranks
 */
export class GatheredHead {
  private readonly classCount: number;

  constructor(
    private readonly processes: ProcessGroup,
    private readonly shares: readonly HeadShare[],
  ) {
    this.classCount = shares.reduce((sum, { classCount }) => sum + classCount, 0);
  }

  /** Arrays with the whole of the class weights in process 0; in the others with its own columns. */
  async whole(arrays: Weights): Promise<Weights> {
    const own = arrays.get(HEAD);
    if (own === undefined) return arrays;
    const [rows = 0, columns = 0] = own.shape;
    const isFirst = this.processes.rank === 0;
    const values = new Float32Array(isFirst ? rows * this.classCount : 0);
    const widest = Math.max(...this.shares.map(({ classCount }) => classCount));
    for (let row = 0; row < rows; row += rowsAtOnce) {
      const count = Math.min(rowsAtOnce, rows - row);
      const part = new Float32Array(count * widest);
      part.set(own.values.subarray(row * columns, (row + count) * columns));
      const gathered = new Float32Array(part.length * this.shares.length);
      await this.processes.gather(part, gathered);
      if (isFirst) this.place(gathered, part.length, values.subarray(row * this.classCount), count);
    }
    const whole: WeightArray = { shape: [rows, this.classCount], values };
    return isFirst ? new Map([...arrays, [HEAD, whole]]) : arrays;
  }

  /**
   * Takes over the columns that the first process's whole class weights have of this one's share.
   * @param whole [D, C] of process 0; of the others anything
   * @param own [D, C_r] written to
   */
  async spread(whole: Float32Array, own: Float32Array): Promise<void> {
    const { rank } = this.processes;
    const { first, classCount } = this.shares[rank] ?? { first: 0, classCount: 0 };
    const rows = own.length / classCount;
    for (let row = 0; row < rows; row += rowsAtOnce) {
      const count = Math.min(rowsAtOnce, rows - row);
      const from = row * this.classCount;
      const length = count * this.classCount;
      const part = rank === 0 ? whole.subarray(from, from + length) : new Float32Array(length);
      await this.processes.share([part]);
      for (let index = 0; index < count; index++) {
        const start = index * this.classCount + first;
        own.set(part.subarray(start, start + classCount), (row + index) * classCount);
      }
    }
  }

  /** Puts rows of all shares, each `length` numbers, side by side. */
  private place(gathered: Float32Array, length: number, values: Float32Array, count: number): void {
    for (const [process, { first, classCount }] of this.shares.entries())
      for (let row = 0; row < count; row++) {
        const from = process * length + row * classCount;
        values.set(gathered.subarray(from, from + classCount), row * this.classCount + first);
      }
  }
}
