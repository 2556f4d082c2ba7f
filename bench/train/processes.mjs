/**
 * `npm run bench:processes`: what several processes gain in training, by `mpirun` on the cores of this machine. One process on one core
 * against two on two, each with --accumulate batches of its own a step; they take turns, and the fastest round counts. Between the two stand two
 * processes that know nothing of each other: what they lose is the memory's and the caches', what the two together lose beyond is the sums' and the waiting.
 *
 *   npm run build && npm run bench:processes -- [--backbone mobilefacenet,ir-50] [--batch 16] [--accumulate 1] [--seconds 15] [--rounds 2]
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: {
    backbone: { type: 'string', default: 'mobilefacenet,ir-50' },
    batch: { type: 'string', default: '16' },
    accumulate: { type: 'string', default: '1' },
    seconds: { type: 'string', default: '15' },
    rounds: { type: 'string', default: '2' },
  },
});
const measured = fileURLToPath(new URL('symface-process.mjs', import.meta.url));
const alone = ['taskset', '--cpu-list', '0'];
const openMpi = '--allow-run-as-root --bind-to core --map-by core --mca mpi_yield_when_idle 1 -n 2';
const together = ['mpirun.openmpi', ...openMpi.split(' ')];
const other = ['taskset', '--cpu-list', '1'];

const [batch, accumulate, seconds] = [options.batch, options.accumulate, options.seconds].map(Number);

for (const backbone of options.backbone.split(',')) {
  const best = { alone: Infinity, apart: Infinity, together: Infinity };
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const [name, measure] of Object.entries({
      alone: async () => run(alone, backbone),
      apart: async () => slower(await Promise.all([run(alone, backbone), run(other, backbone)])),
      together: async () => run(together, backbone),
    })) {
      const { fastestStepMs, stepMs } = await measure();
      console.error(
        `${backbone}, ${name}: ${stepMs.toFixed(0)} ms a step, the fastest ${fastestStepMs.toFixed(0)}`,
      );
      best[name] = Math.min(best[name], stepMs);
    }
  }
  const gain = (of) => ((2 * best.alone) / best[of]).toFixed(2);
  console.log(
    `${backbone}: one process ${best.alone.toFixed(0)} ms for ${batch * accumulate} images, two ${best.together.toFixed(0)} ms for twice as many: ${gain('together')} times the images a second; two that share nothing ${best.apart.toFixed(0)} ms, ${gain('apart')} times`,
  );
}

function slower([first, second]) {
  return first.stepMs > second.stepMs ? first : second;
}

/** One measurement in processes of its own. */
async function run(launcher, backbone) {
  const [command, ...launcherArguments] = launcher;
  // Twenty batches of 16 or so, the same number for every process.
  const batches = backbone === 'mobilefacenet' ? 2 * seconds : seconds / 3;
  const args = [
    '--backbone',
    backbone,
    '--batch',
    batch,
    '--accumulate',
    accumulate,
    '--threads',
    '1',
    '--steps',
    String(Math.max(3, Math.ceil(batches / accumulate))),
  ];
  const child = spawn(command, [...launcherArguments, process.execPath, measured, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let out = '';
  for await (const text of child.stdout) out += text;
  const line = out.split('\n').find((each) => each.startsWith('{'));
  if (line === undefined) throw new Error(`${command} told nothing`);
  return JSON.parse(line);
}
