import type { ProcessGroup } from '../../src/learning/engines/process-group.js';

type Arrays = readonly (Float32Array | Float64Array)[];

interface Arrival {
  readonly arrays: Arrays;
  readonly leave: () => void;
}

/** A group whose processes are promises of this one: each call ends once all have called, as MPI's do. */
export function joinedProcesses(size: number): readonly ProcessGroup[] {
  let arrivals: (Arrival | undefined)[] = new Array<undefined>(size).fill(undefined);
  const come = async (
    rank: number,
    arrays: Arrays,
    combine: (all: readonly Arrays[]) => void,
  ): Promise<void> =>
    new Promise((resolve, reject) => {
      if (arrivals[rank] !== undefined) throw new Error(`process ${rank} calls twice`);
      arrivals[rank] = { arrays, leave: resolve };
      const all = arrivals.flatMap((arrival) => arrival ?? []);
      if (all.length < size) return;
      arrivals = new Array<undefined>(size).fill(undefined);
      const lengths = new Set(all.map((arrival) => arrival.arrays.map(({ length }) => length).join()));
      if (lengths.size !== 1) {
        reject(new Error(`the processes came with arrays of ${[...lengths].join(' and ')}`));
        return;
      }
      combine(all.map((arrival) => arrival.arrays));
      for (const { leave } of all) leave();
    });
  let parts: readonly Float32Array[] = [];
  return Array.from({ length: size }, (_, rank) => ({
    rank,
    size,
    localSize: size,
    sum: async (arrays) => come(rank, arrays, addUp),
    sumShare: async (array) => {
      await come(rank, [array], addUp);
      // Nobody is to rely on what is beyond the own share.
      const own = array.slice((rank * array.length) / size, ((rank + 1) * array.length) / size);
      array.fill(Number.NaN);
      array.set(own);
    },
    share: async (arrays) => come(rank, arrays, copyFirst),
    gather: async (part, whole) => {
      await come(rank, [part], (all) => {
        parts = all.map(([each = part]) => each.slice() as Float32Array);
      });
      for (const [index, each] of parts.entries()) whole.set(each, index * each.length);
    },
    meet: async () => come(rank, [], () => undefined),
  }));
}

function addUp(all: readonly Arrays[]): void {
  const [first = []] = all;
  for (const [index, { length }] of first.entries()) {
    for (let place = 0; place < length; place++) {
      const sum = Math.fround(
        all.reduce((total, arrays) => total + (arrays[index]?.[place] ?? Number.NaN), 0),
      );
      for (const arrays of all) {
        const array = arrays[index];
        if (array !== undefined) array[place] = sum;
      }
    }
  }
}

function copyFirst([first = [], ...others]: readonly Arrays[]): void {
  for (const arrays of others) for (const [index, array] of arrays.entries()) array.set(first[index] ?? []);
}
