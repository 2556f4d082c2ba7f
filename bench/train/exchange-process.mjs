/**
 * What processes take to exchange the gradients and weights of a large head, by how many numbers are exchanged at once: under `mpirun -n 2`, say. All take turns in
 * each round; process 0 tells the least milliseconds of each.
 */
import { parseArgs } from 'node:util';

import { launchedProcess } from '../../dist/training/parallel/launched-process.js';
import { MpiProcesses } from '../../dist/training/parallel/mpi-processes.js';

const { values: options } = parseArgs({
  options: {
    numbers: { type: 'string', default: String(85_742 * 512) },
    pieces: { type: 'string', default: 'all,1048576,262144' },
    rounds: { type: 'string', default: '4' },
  },
});
const launched = launchedProcess(process.env);
if (launched === undefined) throw new Error('start it by mpirun, with two processes or more');
const processes = await MpiProcesses.join(launched, 60_000, console.error);
const { rank, size } = processes;
const array = new Float32Array(Number(options.numbers));
const least = {};
for (let round = 0; round <= Number(options.rounds); round++) {
  for (const piece of options.pieces.split(',')) {
    const pieces = piecesOf(piece === 'all' ? array.length : Number(piece));
    await measure(`own share of sums, ${piece}`, round, async () => {
      for (const each of pieces) await processes.sumShare(each);
    });
    await measure(`weights from the others, ${piece}`, round, async () => {
      for (const each of pieces) {
        const share = each.length / size;
        await processes.gather(each.subarray(rank * share, (rank + 1) * share), each);
      }
    });
  }
  await measure('all sums everywhere', round, async () => processes.sum([array]));
}
if (rank === 0) for (const [name, ms] of Object.entries(least)) console.log(`${name}: ${ms.toFixed(0)} ms`);
await processes.leave();

/** The first round sets up what the library keeps. */
async function measure(name, round, exchange) {
  await processes.sum([Float32Array.of(0)]);
  const start = performance.now();
  await exchange();
  if (round > 0) least[name] = Math.min(least[name] ?? Infinity, performance.now() - start);
}

function piecesOf(length) {
  const pieces = [];
  const end = array.length - (array.length % size);
  for (let start = 0; start < end; start += length) {
    const behind = Math.min(end, start + length - (length % size));
    pieces.push(array.subarray(start, behind));
  }
  return pieces;
}
