import { setTimeout as sleep } from 'node:timers/promises';
import { Failure } from '../../core/failure.js';
import type { ProcessGroup } from '../../learning/engines/process-group.js';
import type { LaunchedProcess } from './launched-process.js';
import { loadMpiLibrary, type MpiFunction, type MpiLibrary } from './mpi-library.js';

/** MPI_THREAD_MULTIPLE: a call that waits in a thread of its own can be aborted from another. */
const anyThread = 3;
/** Shorter arrays are added up together: a call costs as much as some 10,000 numbers. */
const shortLength = 65_536;
/**
 * What each process has of a piece that is added up at once: libraries take memory as large as what they are given, and where that is
 * large it is new from the system each time (docs/results/training-speed.md).
 */
const pieceLength = 524_288;
const mostBytesAtOnce = 1 << 30;
const longestPauseMs = 50;

/** What MPI_Abort makes the job's exit status. */
const abortStatus = 1;
/** By then a launcher has passed on why a job is aborted: MPICH's drops what it has not read when it ends the processes. */
const passedOnAfterMs = 250;

/**
 * The processes that `mpirun` started, through the machine's MPI. What waits for the others in {@link sum} or {@link share} is
 * bounded in time: a process that is stopped or gone ends the job with a reason instead of holding it for ever.
 */
export class MpiProcesses implements ProcessGroup {
  /** Arrays that a call in a thread reads and writes. */
  private readonly inUse = new Set<readonly unknown[]>();
  private hasEnded = false;

  private constructor(
    private readonly library: MpiLibrary,
    readonly rank: number,
    readonly size: number,
    /** See {@link LaunchedProcess} */
    readonly localRank: number,
    readonly localSize: number,
    private readonly patienceMs: number,
    private readonly warn: (text: string) => void,
  ) {}

  /**
   * Joins the processes of the job.
   * @param patienceMs how long the others may take to come to the same call
   * @param warn told why the job is ended
   * @throws Failure INVALID_ARGUMENT where the library is missing, or is another one than the launcher's
   */
  static async join(
    { libraries, size, localRank, localSize }: LaunchedProcess,
    patienceMs: number,
    warn: (text: string) => void,
  ): Promise<MpiProcesses> {
    const library = await loadMpiLibrary(libraries);
    const told = [0];
    requireSuccess(library.initialise(null, null, anyThread, told), 'MPI_Init_thread');
    const numberFrom = (call: MpiFunction, name: string): number => {
      const number = [0];
      requireSuccess(call(library.world, number), name);
      return number[0] ?? 0;
    };
    const rank = numberFrom(library.rank, 'MPI_Comm_rank');
    const joined = numberFrom(library.size, 'MPI_Comm_size');
    if (joined !== size) {
      throw new Failure(
        'INVALID_ARGUMENT',
        `The launcher started ${size} processes, of which ${library.name} knows ${joined}: it belongs to another MPI. Name the launcher's own in SYMFACE_MPI_LIBRARY.`,
      );
    }
    if ((told[0] ?? 0) < anyThread)
      warn(`${library.name} gives no threads: a process that hangs is not noticed.`);
    return new MpiProcesses(library, rank, size, localRank, localSize, patienceMs, warn);
  }

  async sum(arrays: readonly Float32Array[]): Promise<void> {
    const short = arrays.filter(({ length }) => length < shortLength);
    const together = new Float32Array(short.reduce((total, { length }) => total + length, 0));
    let place = 0;
    for (const array of short) {
      together.set(array, place);
      place += array.length;
    }
    for (const array of [...arrays.filter(({ length }) => length >= shortLength), together])
      await this.addUp(array);
    place = 0;
    for (const array of short) {
      array.set(together.subarray(place, place + array.length));
      place += array.length;
    }
  }

  async sumShare(array: Float32Array): Promise<void> {
    const { reduceScatter, inPlace, float, sum, world } = this.library;
    if (array.length % this.size !== 0)
      throw new RangeError(`${array.length} numbers are not shared equally by ${this.size} processes`);
    const counts = new Int32Array(this.size).fill(array.length / this.size);
    await this.call('MPI_Reduce_scatter', reduceScatter, inPlace, array, counts, float, sum, world);
  }

  async share(arrays: readonly (Float32Array | Float64Array)[]): Promise<void> {
    const { broadcast, byte, world } = this.library;
    for (const { buffer, byteOffset, byteLength } of arrays) {
      for (let start = 0; start < byteLength; start += mostBytesAtOnce) {
        const part = new Uint8Array(
          buffer,
          byteOffset + start,
          Math.min(mostBytesAtOnce, byteLength - start),
        );
        await this.call('MPI_Bcast', broadcast, part, part.length, byte, 0, world);
      }
    }
  }

  async gather(part: Float32Array, whole: Float32Array): Promise<void> {
    const { allGather, inPlace, float, world } = this.library;
    if (whole.length !== this.size * part.length)
      throw new RangeError(`${this.size} arrays of ${part.length} numbers are not ${whole.length}`);
    const { length } = part;
    // MPI takes no two arguments that overlap.
    const own = part.buffer === whole.buffer ? inPlace : part;
    await this.call('MPI_Allgather', allGather, own, length, float, whole, length, float, world);
  }

  async meet(): Promise<void> {
    const { barrier, test, world, noRequest, ignoredStatus } = this.library;
    const request = [noRequest];
    requireSuccess(barrier(world, request), 'MPI_Ibarrier');
    for (let pauseMs = 1; ; pauseMs = Math.min(2 * pauseMs, longestPauseMs)) {
      const isThere = [0];
      requireSuccess(test(request, isThere, ignoredStatus), 'MPI_Test');
      if (isThere[0] !== 0) return;
      await sleep(pauseMs);
    }
  }

  /** Leaves the job, once all others do. */
  async leave(): Promise<void> {
    await this.meet();
    this.hasEnded = true;
    requireSuccess(this.library.finalise(), 'MPI_Finalize');
  }

  /** Ends all processes of the job at once; this one as well. */
  abort(reason: string): void {
    if (this.hasEnded) return;
    this.warn(`process ${this.rank} of ${this.size}: ${reason}; the others are ended`);
    // Nothing else is to happen in this process any more.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, passedOnAfterMs);
    this.library.abort(this.library.world, abortStatus);
  }

  private async addUp(array: Float32Array): Promise<void> {
    const { allReduce, inPlace, float, sum, world } = this.library;
    const longest = this.size * pieceLength;
    for (let start = 0; start < array.length; start += longest) {
      const piece = array.subarray(start, start + longest);
      await this.call('MPI_Allreduce', allReduce, inPlace, piece, piece.length, float, sum, world);
    }
  }

  /** Calls in a thread, while this one goes on. */
  private async call(name: string, native: MpiFunction, ...values: unknown[]): Promise<void> {
    const seconds = Math.round(this.patienceMs / 1000);
    const watchdog = setTimeout(() => {
      this.abort(`another process has not come to ${name} for ${seconds} s`);
    }, this.patienceMs);
    this.inUse.add(values);
    try {
      const status = await new Promise((resolve, reject) => {
        native.async(...values, (error: Error | null, returned: number) => {
          if (error === null) resolve(returned);
          else reject(error);
        });
      });
      requireSuccess(status, name);
    } finally {
      this.inUse.delete(values);
      clearTimeout(watchdog);
    }
  }
}

/** Most libraries end the job themselves instead of returning an error. */
function requireSuccess(status: unknown, name: string): void {
  if (status !== 0) throw new Failure('WORKER_LOST', `${name} failed with ${String(status)}.`);
}
