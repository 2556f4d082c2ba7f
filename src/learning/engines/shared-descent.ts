import type { ArrayPart, HostSgd } from '../step/host-sgd.js';
import type { ProcessGroup } from './process-group.js';

/** When and how arrays are shared, in numbers. */
interface SharedLengths {
  /** Shorter arrays are descended on faster than they are exchanged. */
  readonly from: number;
  /**
   * What each process has of a piece that is exchanged at once: libraries take memory as large as it, new from the system where that is
   * large, which cost Open MPI twenty times as long (docs/results/training-speed.md).
   */
  readonly block: number;
}
const sharedLengths: SharedLengths = { from: 262_144, block: 524_288 };

/** A piece of an array that the processes share: as many numbers for each of them. */
interface SharedPiece {
  readonly index: number;
  readonly start: number;
  readonly block: number;
}

type Group = Pick<ProcessGroup, 'rank' | 'size' | 'sum' | 'sumShare' | 'gather'>;

/**
 * A step of descent of which each process takes a part (ZeRO's first stage, Rajbhandari et al., arXiv 1910.02054): of each large array it has
 * the sums of gradients, the momentum and the new weights of an Nth, and gets the other weights from the others. As many bytes
 * are exchanged as where all have all sums; norm and descent take an Nth of the time. Momentum of what other processes
 * descend on is out of date in {@link HostSgd} until {@link gatherMomentum}.
 */
export class SharedDescent {
  private readonly shared: readonly SharedPiece[];
  /** What every process descends on. */
  private readonly commonParts: readonly ArrayPart[];
  private readonly common: HostSgd;
  private readonly own: HostSgd;

  /**
   * @param mayShare whether an array's momentum may be out of date
   */
  constructor(
    private readonly processes: Group,
    private readonly sgd: HostSgd,
    mayShare: (index: number) => boolean,
    lengths = sharedLengths,
  ) {
    const { rank, size } = processes;
    const pieces = sgd.arrays.map(({ values: { length } }, index) =>
      length >= lengths.from && mayShare(index) ? piecesOf(index, length, size, lengths.block) : [],
    );
    this.shared = pieces.flat();
    this.commonParts = sgd.arrays
      .map(({ values }, index) => ({ index, start: endOf(pieces[index], size), end: values.length }))
      .filter(({ start, end }) => start < end);
    this.common = sgd.ofParts(this.commonParts);
    this.own = sgd.ofParts(
      this.shared.map(({ index, start, block }) => ({
        index,
        start: start + rank * block,
        end: start + (rank + 1) * block,
      })),
    );
  }

  /** Whether each process has a part of the momentum alone. */
  get isShared(): boolean {
    return this.shared.length > 0;
  }

  /**
   * Adds up gradients, and other arrays, over the processes. Of each piece that is shared the own part lies at its beginning then.
   * @param gradients one for each array; written to @param others written to
   */
  async sum(gradients: readonly Float32Array[], others: readonly Float32Array[]): Promise<void> {
    const { processes, shared } = this;
    await processes.sum([...this.commonOf(gradients), ...others]);
    for (const { index, start, block } of shared)
      await processes.sumShare(arrayAt(gradients, index).subarray(start, start + processes.size * block));
  }

  /** Euclidean norm of all gradients that {@link sum} has added up, the same in all processes. */
  async norm(gradients: readonly Float32Array[], share: number): Promise<number> {
    const common = this.common.norm(this.commonOf(gradients), 1);
    if (!this.isShared) return common * share;
    const squares = Float32Array.of(this.own.norm(this.ownOf(gradients), 1) ** 2);
    await this.processes.sum([squares]);
    return Math.sqrt(common ** 2 + (squares[0] ?? 0)) * share;
  }

  /** One step, after which all processes have all weights. @param norm as {@link norm} tells it */
  async descend(
    gradients: readonly Float32Array[],
    { share, norm }: { readonly share: number; readonly norm: number },
    learningRate: number,
  ): Promise<void> {
    this.own.sgdStep(this.ownOf(gradients), share, norm, learningRate);
    this.common.sgdStep(this.commonOf(gradients), share, norm, learningRate);
    await this.gather(({ values }) => values);
  }

  /** Brings the momentum up to date in all processes. */
  async gatherMomentum(): Promise<void> {
    await this.gather(({ velocities }) => velocities);
  }

  private async gather(arrayOf: (parameter: HostSgd['arrays'][number]) => Float32Array): Promise<void> {
    const { rank, size } = this.processes;
    for (const { index, start, block } of this.shared) {
      const parameter = this.sgd.arrays[index];
      if (parameter === undefined) continue;
      const whole = arrayOf(parameter).subarray(start, start + size * block);
      await this.processes.gather(whole.subarray(rank * block, (rank + 1) * block), whole);
    }
  }

  private commonOf(gradients: readonly Float32Array[]): readonly Float32Array[] {
    return this.commonParts.map(({ index, start, end }) => arrayAt(gradients, index).subarray(start, end));
  }

  private ownOf(gradients: readonly Float32Array[]): readonly Float32Array[] {
    return this.shared.map(({ index, start, block }) =>
      arrayAt(gradients, index).subarray(start, start + block),
    );
  }
}

/** The pieces of an array; numbers at its end that cannot be shared equally are in none. */
function piecesOf(index: number, length: number, size: number, longest: number): readonly SharedPiece[] {
  const pieces: SharedPiece[] = [];
  for (let start = 0; length - start >= size; start += size * (pieces.at(-1)?.block ?? 0))
    pieces.push({ index, start, block: Math.min(longest, Math.floor((length - start) / size)) });
  return pieces;
}

/** Behind the last number of pieces; 0 where there are none. */
function endOf(pieces: readonly SharedPiece[] = [], size: number): number {
  const last = pieces.at(-1);
  return last === undefined ? 0 : last.start + size * last.block;
}

function arrayAt(arrays: readonly Float32Array[], index: number): Float32Array {
  const array = arrays[index];
  if (array === undefined) throw new RangeError('every parameter has a gradient');
  return array;
}
