/**
 * `npm run fuzz`: makes up `.bin` files and lists of pairs, and looks whether each is read or refused as it should.
 *
 *   npm run build && npm run fuzz -- --minutes 10 [--seed 1] [--bin ../shared/data/bin]
 *   npm run fuzz -- --rounds 8                  a fixed number of inputs, as the tests do
 *
 * Ends with exit code 1 where something does not hold; the inputs are kept then, and the same seed makes them again.
 */
import { fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { clearInterval, setInterval } from 'node:timers';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** Reports come several times a second; a reader that is at it for so long hangs. */
const hangMs = 20_000;
const heapMebibytes = 1024;

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string' },
    rounds: { type: 'string' },
    seed: { type: 'string', default: '1' },
    bin: { type: 'string', default: '../shared/data/bin' },
  },
});
const folder = await mkdtemp(join(tmpdir(), 'symface-fuzz-'));
const firstSeed = Number(options.seed);
const rounds = Number(options.rounds ?? (options.minutes === undefined ? 8 : Infinity));
const endAtMs = performance.now() + Number(options.minutes ?? Infinity) * 60_000;
const findings = [];
const total = { inputs: 0, read: 0, refused: 0, slowestMs: 0, mostMebibytes: 0, peakMebibytes: 0 };

// A process that ends or hangs is replaced, from the next seed on.
for (let seed = firstSeed; seed < firstSeed + rounds && performance.now() < endAtMs;) {
  const task = { seed, folder: join(folder, `from-${seed}`), binFolder: options.bin };
  const last = await fuzz({
    ...task,
    rounds: firstSeed + rounds - seed,
    durationMs: endAtMs - performance.now(),
  });
  add(last);
  seed = last.seed + 1;
}
process.stderr.write('\n');
console.log(JSON.stringify({ seed: firstSeed, ...total, findings }, null, 2));
if (findings.length === 0) await rm(folder, { recursive: true });
else process.exitCode = 1;

/**
 * @typedef {object} Report what a process has done so far
 * @property {number} seed of its last round
 * @property {number} [inputs]
 * @property {number} [read]
 * @property {number} [refused]
 * @property {number} [slowestMs]
 * @property {number} [mostMebibytes]
 * @property {number} [peakMebibytes]
 */

/** @returns the last report of a process, whatever became of it */
async function fuzz(task) {
  const child = fork(fileURLToPath(new URL('./fuzz-process.mjs', import.meta.url)), [], {
    execArgv: ['--expose-gc', `--max-old-space-size=${heapMebibytes}`],
    serialization: 'advanced',
  });
  /** @type {Report} */
  let last = { seed: task.seed };
  let heardAtMs = performance.now();
  child.on('message', (/** @type {Report & { finding?: object }} */ { finding, ...report }) => {
    heardAtMs = performance.now();
    if (finding === undefined) last = report;
    else findings.push(finding);
    const inputs = total.inputs + (last.inputs ?? 0);
    process.stderr.write(`\r${inputs} inputs, ${findings.length} findings `);
  });
  const watch = setInterval(() => {
    if (performance.now() - heardAtMs > hangMs) child.kill('SIGKILL');
  }, 500);
  child.send(task);
  const [code, signal] = await new Promise((resolve) => {
    child.once('exit', (...end) => resolve(end));
  });
  clearInterval(watch);
  if (code !== 0) {
    const problem = `hangs or ends the process (${code ?? signal})`;
    findings.push({ seed: last.seed, kept: task.folder, problem });
  }
  return last;
}

function add({ inputs = 0, read = 0, refused = 0, slowestMs = 0, mostMebibytes = 0, peakMebibytes = 0 }) {
  total.inputs += inputs;
  total.read += read;
  total.refused += refused;
  total.slowestMs = Math.max(total.slowestMs, slowestMs);
  total.mostMebibytes = Math.max(total.mostMebibytes, mostMebibytes);
  total.peakMebibytes = Math.max(total.peakMebibytes, peakMebibytes);
}
