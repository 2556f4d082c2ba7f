/**
 * `npm run bench:benchmark`: what a benchmark costs. Stops by itself; all traffic stays on loopback.
 *
 *   node bench/benchmark/main.mjs [--part cost|latency] [--lfw ../shared/data/lfw] [--pairs 300]
 *     [--image-a FILE --image-b FILE] [--load 0.5] [--seconds 30] [--rounds 4] [--output report.json]
 *
 * cost: a whole run of LFW, beside its embeddings in a bare loop, in as many processes.
 * latency: Verify of two photographs at a share of the service's capacity, without and beside a benchmark, in turns.
 * --pairs are those of each kind and fold: 300 are LFW's 6,000, and 10 make a quick run.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { measureCost } from './cost.mjs';
import { lfwList } from './lfw-list.mjs';
import { measureLiveLatency } from './live-latency.mjs';

const { values: options } = parseArgs({
  options: {
    part: { type: 'string' },
    lfw: { type: 'string', default: '../shared/data/lfw' },
    pairs: { type: 'string', default: '300' },
    'image-a': { type: 'string', default: '../shared/data/photos/obama.jpg' },
    'image-b': { type: 'string', default: '../shared/data/photos/obama2.jpg' },
    load: { type: 'string', default: '0.5' },
    seconds: { type: 'string', default: '30' },
    rounds: { type: 'string', default: '4' },
    output: { type: 'string' },
  },
});
const say = (text) => process.stderr.write(`${text}\n`);
const folder = await mkdtemp(join(tmpdir(), 'symface-lfw-'));
const report = { machine: `${cpus()[0]?.model}, ${availableParallelism()} cores, Node ${process.version}` };
try {
  const lfw = await lfwList(options.lfw, Number(options.pairs), folder);
  if (options.part !== 'latency') report.cost = await measureCost(lfw, say);
  if (options.part !== 'cost') {
    const images = await Promise.all([readFile(options['image-a']), readFile(options['image-b'])]);
    const load = {
      load: Number(options.load),
      seconds: Number(options.seconds),
      rounds: Number(options.rounds),
    };
    report.latency = await measureLiveLatency(lfw, images, load, say);
  }
} finally {
  await rm(folder, { recursive: true });
}
console.log(JSON.stringify(report, null, 2));
if (options.output !== undefined) await writeFile(options.output, `${JSON.stringify(report, null, 2)}\n`);
