/**
 * The process that reads what is made up. It may hang or run out of memory: `main.mjs` watches it, and the input it has
 * come to lies in its folder.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import fc from 'fast-check';
import { checkInvariant } from './invariant.mjs';
import { imageNames, listInputs, validFiles } from './list-inputs.mjs';
import { pickleInputs } from './pickle-inputs.mjs';

/** Inputs of one round: a seed stands for as many. */
const inputsPerRound = 250;
const shrinkingLimitMs = 60_000;
const reportEveryMs = 250;

process.once('message', (/** @type {Task} */ task) => {
  void run(task).then(() => process.disconnect());
});

/** @typedef {{ folder: string, binFolder: string, seed: number, rounds: number, durationMs: number }} Task */

/**
 * Runs rounds until told to stop by their number or by the clock; each finding is sent, and the next round begins.
 * @param {Task} task
 */
async function run({ folder, binFolder, seed, rounds, durationMs }) {
  await writeValid(folder);
  const findings = new Findings(folder);
  const input = fc.oneof(
    pickleInputs(binFolder).map((content) => ({
      format: 'insightface-bin',
      read: 'input.bin',
      path: 'input.bin',
      content,
    })),
    listInputs(),
  );
  const startedAtMs = performance.now();
  for (let round = 0; round < rounds && performance.now() - startedAtMs < durationMs; round++) {
    findings.seed = seed + round;
    const property = fc.asyncProperty(input, (made) => findings.check(made));
    const result = await fc.check(property, {
      seed: findings.seed,
      numRuns: inputsPerRound,
      interruptAfterTimeLimit: shrinkingLimitMs,
    });
    if (result.failed) await findings.add(result);
  }
  findings.report();
}

/** What was read so far, and what did not hold. */
class Findings {
  counts = { inputs: 0, read: 0, refused: 0, slowestMs: 0, mostMebibytes: 0 };
  /** Of the round. */
  seed = 0;
  reportedAtMs = 0;

  constructor(folder) {
    this.folder = folder;
  }

  async check({ format, read, path, content }) {
    if (performance.now() - this.reportedAtMs > reportEveryMs) this.report();
    await writeFile(join(this.folder, path), content);
    const source = {
      format,
      path: join(this.folder, read),
      imageFolder: this.folder,
      imageKind: 'photograph',
    };
    try {
      const { outcome, ms, keptBytes } = await checkInvariant(source, content.length);
      this.counts[outcome]++;
      this.counts.slowestMs = Math.max(this.counts.slowestMs, ms);
      this.counts.mostMebibytes = Math.max(this.counts.mostMebibytes, keptBytes / 1024 / 1024);
    } finally {
      this.counts.inputs++;
      if (path in validFiles) await writeFile(join(this.folder, path), validFiles[path]);
    }
  }

  /** Keeps the smallest input that fast-check came down to. */
  async add({ counterexample, errorInstance }) {
    const [{ format, path, content }] = counterexample;
    const kept = join(this.folder, 'findings', `${this.seed}-${path.replaceAll('/', '-')}`);
    await mkdir(dirname(kept), { recursive: true });
    await writeFile(kept, content);
    process.send({
      finding: { seed: this.seed, format, path, bytes: content.length, kept, problem: errorInstance.message },
    });
  }

  report() {
    this.reportedAtMs = performance.now();
    const peakMebibytes = process.resourceUsage().maxRSS / 1024;
    process.send({ seed: this.seed, ...this.counts, peakMebibytes });
  }
}

async function writeValid(folder) {
  const files = { ...validFiles, ...Object.fromEntries(imageNames.map((name) => [name, `image ${name}`])) };
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
}
