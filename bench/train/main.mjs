/**
 * `npm run bench:train`: speed and memory of training steps beside PyTorch's on the same machine, each in processes of
 * its own that take turns. The fastest round counts: whatever else runs here only slows.
 *
 *   npm run build && npm run bench:train -- --backbone mobilefacenet,ir-50 --batch 32 --normalisation live,frozen
 *     [--seconds 10 | --steps 20] [--rounds 3] [--threads 2] [--size 112] [--output report.json] [--only symface|pytorch]
 */
import { spawn } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: {
    backbone: { type: 'string', default: 'mobilefacenet,ir-50' },
    batch: { type: 'string', default: '32' },
    size: { type: 'string', default: '112' },
    normalisation: { type: 'string', default: 'live,frozen' },
    seconds: { type: 'string', default: '10' },
    steps: { type: 'string' },
    rounds: { type: 'string', default: '3' },
    threads: { type: 'string', default: '2' },
    only: { type: 'string' },
    output: { type: 'string' },
  },
});
/** Debian's own interpreter: others do not see its packages. */
const python = '/usr/bin/python3';
const here = (file) => fileURLToPath(new URL(file, import.meta.url));
const sides = {
  symface: [process.execPath, here('symface-process.mjs')],
  pytorch: [python, here('pytorch.py')],
};

const report = { machine: cpus()[0]?.model, cores: cpus().length, date: new Date().toISOString(), rows: [] };
for (const backbone of options.backbone.split(',')) {
  for (const normalisation of options.normalisation.split(','))
    report.rows.push(await row(backbone, normalisation));
}
console.table(report.rows.map(summary));
if (options.output !== undefined) await writeFile(options.output, `${JSON.stringify(report, null, 2)}\n`);

async function row(backbone, normalisation) {
  const rounds = { symface: [], pytorch: [] };
  const args = ['--backbone', backbone, '--normalisation', normalisation];
  for (const name of ['batch', 'size', 'seconds', 'steps', 'threads']) {
    if (options[name] !== undefined) args.push(`--${name}`, options[name]);
  }
  for (let round = 0; round < Number(options.rounds); round++) {
    for (const side of Object.keys(sides)) {
      if (options.only !== undefined && options.only !== side) continue;
      const result = await measure(side, args);
      process.stderr.write(`${backbone} ${normalisation} ${side}: ${result.stepMs.toFixed(0)} ms a step\n`);
      rounds[side].push(result);
    }
  }
  return { backbone, normalisation, batch: Number(options.batch), rounds };
}

async function measure(side, args) {
  const [program, script] = sides[side];
  const child = spawn(program, [script, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  const code = await new Promise((resolve) => {
    child.once('close', resolve);
  });
  if (code !== 0) throw new Error(`${side} ended with ${code}`);
  return JSON.parse(output);
}

function summary({ backbone, normalisation, batch, rounds }) {
  const best = (side, key) => Math.min(...rounds[side].map((round) => round[key]));
  const [ours, theirs] = ['symface', 'pytorch'].map((side) => ({
    stepMs: best(side, 'stepMs'),
    cpuMs: best(side, 'cpuMsPerStep'),
    peak: best(side, 'peakMebibytes'),
  }));
  return {
    backbone,
    normalisation,
    batch,
    'SymFace img/s': round((1000 * batch) / ours.stepMs, 1),
    'PyTorch img/s': round((1000 * batch) / theirs.stepMs, 1),
    ratio: round(theirs.stepMs / ours.stepMs, 2),
    'CPU time ratio': round(theirs.cpuMs / ours.cpuMs, 2),
    'SymFace peak MiB': round(ours.peak, 0),
    'PyTorch peak MiB': round(theirs.peak, 0),
    'peak ratio': round(ours.peak / theirs.peak, 2),
  };
}

function round(value, digits) {
  return Number(value.toFixed(digits));
}
