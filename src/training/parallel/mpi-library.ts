import type { KoffiFunc, LibraryHandle, out } from 'koffi';
import { Failure } from '../../core/failure.js';

/** A function of C that returns an error's number, or 0. */
export type MpiFunction = KoffiFunc<(...values: unknown[]) => number>;

/** A communicator, datatype, operation or request: a pointer in Open MPI, a number in MPICH. */
type Handle = bigint | number;

/** What is called of an MPI library (MPI 3.1). Each function returns 0 or an error's number. */
export interface MpiLibrary {
  readonly name: string;
  readonly world: Handle;
  readonly float: Handle;
  readonly byte: Handle;
  readonly sum: Handle;
  /** MPI_IN_PLACE */
  readonly inPlace: bigint;
  /** MPI_STATUS_IGNORE */
  readonly ignoredStatus: bigint;
  readonly noRequest: Handle;
  readonly initialise: MpiFunction;
  readonly rank: MpiFunction;
  readonly size: MpiFunction;
  readonly allReduce: MpiFunction;
  readonly reduceScatter: MpiFunction;
  readonly allGather: MpiFunction;
  readonly broadcast: MpiFunction;
  readonly barrier: MpiFunction;
  readonly test: MpiFunction;
  readonly abort: MpiFunction;
  readonly finalise: MpiFunction;
}

/** MPICH runs more on the stack of a call than koffi gives it. */
const stackBytes = 2 << 20;

/**
 * Loads the machine's MPI library through koffi. Open MPI's handles are addresses of its symbols; those of MPICH, and of all
 * that have its binary interface, are numbers (mpi.h of MPICH 3.1 and later).
 * @param names file names, the likeliest first
 * @throws Failure INVALID_ARGUMENT where koffi or a library is missing
 */
export async function loadMpiLibrary(names: readonly string[]): Promise<MpiLibrary> {
  const { default: koffi } = await import('koffi').catch((cause: unknown) => {
    throw new Failure(
      'INVALID_ARGUMENT',
      'Several processes train together through the npm package koffi, which is not installed: type "npm install koffi", without --omit=optional.',
      {},
      [],
      { cause },
    );
  });
  koffi.config({ ...koffi.config(), async_stack_size: stackBytes });
  const failures: string[] = [];
  for (const name of names) {
    try {
      return bind(name, koffi.load(name), koffi.out, koffi.inout);
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new Failure(
    'INVALID_ARGUMENT',
    `The MPI library of the launcher cannot be loaded (${failures.join('; ')}). Install it, for example Debian's openmpi-bin or mpich, or name it in SYMFACE_MPI_LIBRARY.`,
  );
}

type TypeSpec = Parameters<typeof out>[0];
type Direction = (type: TypeSpec) => TypeSpec;

function bind(name: string, library: LibraryHandle, out: Direction, inOut: Direction): MpiLibrary {
  const handles = handlesOf(library);
  const { type: handle } = handles;
  const define = (symbol: string, ...types: TypeSpec[]): MpiFunction =>
    library.func(symbol, 'int', types) as MpiFunction;
  return {
    name,
    ...handles,
    initialise: define('MPI_Init_thread', 'void *', 'void *', 'int', out('int *')),
    rank: define('MPI_Comm_rank', handle, out('int *')),
    size: define('MPI_Comm_size', handle, out('int *')),
    allReduce: define('MPI_Allreduce', 'void *', 'void *', 'int', handle, handle, handle),
    reduceScatter: define('MPI_Reduce_scatter', 'void *', 'void *', 'void *', handle, handle, handle),
    allGather: define('MPI_Allgather', 'void *', 'int', handle, 'void *', 'int', handle, handle),
    broadcast: define('MPI_Bcast', 'void *', 'int', handle, 'int', handle),
    barrier: define('MPI_Ibarrier', handle, out(`${handle} *`)),
    test: define('MPI_Test', inOut(`${handle} *`), out('int *'), 'void *'),
    abort: define('MPI_Abort', handle, 'int'),
    finalise: define('MPI_Finalize'),
  };
}

function handlesOf(library: LibraryHandle) {
  const symbol = (name: string): bigint => library.symbol(name) as bigint;
  try {
    return {
      type: 'void *',
      world: symbol('ompi_mpi_comm_world'),
      float: symbol('ompi_mpi_float'),
      byte: symbol('ompi_mpi_byte'),
      sum: symbol('ompi_mpi_op_sum'),
      inPlace: 1n,
      ignoredStatus: 0n,
      noRequest: symbol('ompi_request_null'),
    };
  } catch {
    return {
      type: 'int',
      world: 0x44000000,
      float: 0x4c00040a,
      byte: 0x4c00010d,
      sum: 0x58000003,
      inPlace: -1n,
      ignoredStatus: 1n,
      noRequest: 0x2c000000,
    };
  }
}
