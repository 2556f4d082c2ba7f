/** One of the processes of `efficiency.mjs`: adds up the gradients of a network as a step does, some times. Process 0 tells what one took, as JSON. */
import { parseArgs } from 'node:util';

import { launchedProcess } from '../../dist/training/parallel/launched-process.js';
import { MpiProcesses } from '../../dist/training/parallel/mpi-processes.js';

const { values: options } = parseArgs({
  options: { lengths: { type: 'string', default: '1000000' }, times: { type: 'string', default: '10' } },
});
const launched = launchedProcess(process.env);
if (launched === undefined) throw new Error('start it by mpirun, with two processes or more');
const processes = await MpiProcesses.join(launched, 60_000, console.error);
const arrays = options.lengths.split(',').map((length) => new Float32Array(Number(length)).fill(1e-3));
const durations = [];
for (let time = 0; time <= Number(options.times); time++) {
  await processes.meet();
  const startedAt = performance.now();
  await processes.sum(arrays);
  // The first one sets up what the library keeps.
  if (time > 0) durations.push(performance.now() - startedAt);
}
durations.sort((a, b) => a - b);
if (processes.rank === 0)
  console.log(
    JSON.stringify({ sumMs: durations[Math.floor(durations.length / 2)], fastestMs: durations[0] }),
  );
await processes.leave();
