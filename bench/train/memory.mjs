/**
 * `npm run bench:memory`: peak memory of training steps, each in a process of its own: beside PyTorch's where its side has the network, and
 * with blocks recomputed on the way back. Other work on the machine does not matter, but that its memory suffices: what does not fit into
 * what is available is left out, and said.
 *
 *   npm run build && npm run bench:memory -- [--rows mobilefacenet:64,mobilefacenet:150,ir-50:64,ir-100:64] [--only symface|recompute|pytorch]
 *     [--normalisation live] [--available-gib 16]
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: {
    rows: { type: 'string', default: 'mobilefacenet:64,mobilefacenet:150,ir-50:64,ir-100:64' },
    only: { type: 'string' },
    normalisation: { type: 'string', default: 'live' },
    'available-gib': { type: 'string' },
  },
});
const here = (file) => fileURLToPath(new URL(file, import.meta.url));
const ours = [process.execPath, here('symface-process.mjs')];
/** Debian's own interpreter: others do not see its packages. */
const pytorch = ['/usr/bin/python3', here('pytorch.py')];
/** glibc keeps what was given back, as for the figures of speed (docs/results/training-speed.md). */
const keepingMemory = {
  MALLOC_TOP_PAD_: String(64 * 1024 ** 2),
  MALLOC_MMAP_THRESHOLD_: String(4 * 1024 ** 3),
  MALLOC_TRIM_THRESHOLD_: String(4 * 1024 ** 3),
};
const sides = {
  symface: { command: ours, more: [] },
  recompute: { command: ours, more: ['--recompute'] },
  pytorch: { command: pytorch, more: [], environment: keepingMemory },
};
/** MiB a sample, roughly, of what is kept for the way back; to tell what cannot fit. */
const activationMebibytes = { 'ir-50': 110, 'ir-100': 205, vargfacenet: 90 };
const usualActivationMebibytes = 60;
const networksOfPyTorch = /^(?:mobilefacenet|ir-\d+)$/u;

console.log('network, batch       | SymFace MiB | recomputed MiB | PyTorch MiB | SymFace / PyTorch');
for (const row of options.rows.split(',')) {
  const [backbone, batch] = row.split(':');
  const peaks = {};
  for (const [name, side] of Object.entries(sides)) {
    if (options.only !== undefined && !options.only.split(',').includes(name)) continue;
    if (name === 'pytorch' && !networksOfPyTorch.test(backbone)) continue;
    const neededGib = (Number(batch) * (activationMebibytes[backbone] ?? usualActivationMebibytes)) / 1024;
    if (neededGib > availableGib() && name !== 'recompute') {
      console.error(`${row}, ${name}: left out, some ${neededGib.toFixed(0)} GiB are not available`);
      continue;
    }
    peaks[name] = await peakOf(side, backbone, batch);
  }
  const cells = Object.keys(sides).map((name) => peaks[name]?.toFixed(0) ?? '');
  const ratio = peaks.symface / peaks.pytorch;
  console.log(
    [`${backbone}, ${batch}`.padEnd(20), ...cells, Number.isNaN(ratio) ? '' : ratio.toFixed(2)].join(' | '),
  );
}

function availableGib() {
  if (options['available-gib'] !== undefined) return Number(options['available-gib']);
  const [, kibibytes] = /^MemAvailable:\s+(\d+)/mu.exec(readFileSync('/proc/meminfo', 'utf8'));
  return Number(kibibytes) / 1024 ** 2;
}

/**
 * MiB that a process had resident at most in three steps.
 * @param {{ command: string[], more: string[], environment?: Record<string, string> }} side
 */
async function peakOf(side, backbone, batch) {
  const [program, script] = side.command;
  const { normalisation } = options;
  const args = ['--backbone', backbone, '--batch', batch, '--normalisation', normalisation, '--steps', '1'];
  const child = spawn(program, [script, ...args, ...side.more], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...side.environment },
  });
  let out = '';
  for await (const text of child.stdout) out += text;
  const line = out.split('\n').find((each) => each.startsWith('{'));
  if (line !== undefined) return JSON.parse(line).peakMebibytes;
  console.error(`${script} ${args.join(' ')} told nothing`);
  return Number.NaN;
}
