/**
 * `npm run bench:efficiency`: how much of N processes' time would go into their steps, by a model. Measured here are the bytes of the
 * gradients, how long two processes take to add them up through memory, and, with --step-ms, nothing else; else a step of one process
 * on one core. Everything else is a stated assumption, printed above the table.
 *
 *   npm run build && npm run bench:efficiency -- [--processes 8] [--batch 64] [--step-ms mobilefacenet=40,ir-50=120,ir-100=210]
 */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { parametersOfSpec, HEAD } from '../../dist/learning/step/training-spec.js';
import { benchTrainingSpec } from './training-spec.mjs';

const { values: options } = parseArgs({
  options: {
    processes: { type: 'string', default: '8' },
    batch: { type: 'string', default: '64' },
    backbone: { type: 'string', default: 'mobilefacenet,ir-50,ir-100' },
    classes: { type: 'string', default: '85742' },
    'step-ms': { type: 'string' },
  },
});
const count = Number(options.processes);
const batch = Number(options.batch);
const classCount = Number(options.classes);
const embeddingSize = 512;
const bytesPerNumber = 4;
/** Bandwidths that a process has to the next, each way, and what a message costs. */
const links = [
  { name: '10 Gbit/s Ethernet', gigabytes: 1.25, latencyMs: 0.03 },
  { name: 'PCIe 4.0 x16', gigabytes: 20, latencyMs: 0.01 },
  { name: 'NVLink, 200 GB/s', gigabytes: 200, latencyMs: 0.01 },
];
/** The slowest of N steps is waited for: each is a hundredth longer than the mean for its spread. */
const imbalance = 0.02;
const givenMs = new Map(
  (options['step-ms'] ?? '')
    .split(',')
    .filter(Boolean)
    .map((pair) => [pair.split('=')[0], Number(pair.split('=')[1])]),
);

console.log(`Assumed: ${count} processes with a batch of ${batch} each, ${classCount} classes, embeddings of ${embeddingSize};
a ring, 2 (N - 1) / N of the bytes over each link and 2 (N - 1) messages; nothing overlaps; the slowest step is ${imbalance * 100} % longer than the
mean; the gradients are in host memory; a split head runs the network forwards once more (a third of a step).
`);
console.log(
  `| network | head | MB added up | two processes here, ms | step, ms | ${links.map(({ name }) => name).join(' | ')} |`,
);
console.log(`| --- | --- | ---: | ---: | ---: | ${links.map(() => '---:').join(' | ')} |`);
for (const backbone of options.backbone.split(',')) {
  const stepMs = givenMs.get(backbone) ?? (await measuredStepMs(backbone));
  for (const head of heads(backbone)) {
    const megabytes = (bytesPerNumber * head.lengths.reduce((sum, length) => sum + length, 0)) / 1e6;
    const { sumMs } = await sumHere(head.lengths);
    const shares = links.map((link) => efficiency(stepMs, head.extraMs(stepMs), megabytes, link));
    console.log(
      `| ${backbone} | ${head.name} | ${megabytes.toFixed(1)} | ${sumMs.toFixed(1)} | ${stepMs.toFixed(0)} | ${shares.map((share) => `${(100 * share).toFixed(0)} %`).join(' | ')} |`,
    );
  }
}

/** What is added up in a step: every gradient, a tenth of the classes', or embeddings in their place. */
function heads(backbone) {
  const spec = benchTrainingSpec({
    backbone,
    batchSize: batch,
    side: 112,
    normalisation: 'live',
    classCount,
    embeddingSize,
  });
  const lengths = parametersOfSpec(spec)
    .filter(({ name }) => name !== HEAD)
    .map(({ shape }) => shape.reduce((product, extent) => product * extent, 1));
  const samples = count * batch;
  return [
    { name: 'whole', lengths: [...lengths, embeddingSize * classCount], extraMs: () => 0 },
    { name: 'a tenth', lengths: [...lengths, Math.ceil(embeddingSize * classCount * 0.1)], extraMs: () => 0 },
    // Embeddings are gathered, which is half a sum, their gradients added up.
    {
      name: 'split',
      lengths: [...lengths, Math.ceil(1.5 * embeddingSize * samples)],
      extraMs: (stepMs) => stepMs / 3,
    },
  ];
}

/** The share of a process's time that is its step of one process alone. */
function efficiency(stepMs, extraMs, megabytes, { gigabytes, latencyMs }) {
  const sumMs = (((2 * (count - 1)) / count) * megabytes) / gigabytes + 2 * (count - 1) * latencyMs;
  return stepMs / ((stepMs + extraMs) * (1 + imbalance) + sumMs);
}

async function sumHere(lengths) {
  const script = fileURLToPath(new URL('sum-process.mjs', import.meta.url));
  const launcher =
    '--allow-run-as-root --bind-to none --oversubscribe --mca mpi_yield_when_idle 1 -n 2'.split(' ');
  return told('mpirun.openmpi', [
    ...launcher,
    process.execPath,
    script,
    '--lengths',
    lengths.join(','),
    '--times',
    '5',
  ]);
}

/** Without the head's part, which these networks' own benchmark has small. */
async function measuredStepMs(backbone) {
  const script = fileURLToPath(new URL('symface-process.mjs', import.meta.url));
  const args = ['--backbone', backbone, '--batch', String(batch), '--threads', '1', '--steps', '2'];
  return (await told(process.execPath, [script, ...args])).fastestStepMs;
}

async function told(command, args) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let out = '';
  for await (const text of child.stdout) out += text;
  const line = out.split('\n').find((each) => each.startsWith('{'));
  if (line === undefined) throw new Error(`${command} told nothing`);
  return JSON.parse(line);
}
