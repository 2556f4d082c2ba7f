import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const script = fileURLToPath(new URL('../../bench/training-data/many-records.mjs', import.meta.url));
const faceCount = 2_000_000;

/**
 * What may be kept of a face, in bytes: 16 of its record (key, offset, class), then 16 of its place, class and ρ, then 5 to 10 each of two
 * epochs' orders; the rest is for what the allocator has not given back.
 */
const mostBytesOfFace = { listed: 28, opened: 48, 'the next drawn': 76 };
/** Threads, decoders and batches, however many faces there are. */
const fixedBytes = { listed: 4e6, opened: 8e6, 'the next drawn': 80e6 };

it('training data of many records keeps some bytes of each, and none of their images', async () => {
  const args = ['--faces', String(faceCount), '--identities', '20000', '--reads', '2000'];
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...args]);
  // Less than nothing is kept where the allocator gives back, in a step, what the process had before it.
  const lines = [...stdout.matchAll(/^(.+): [\d.]+ s; (-?\d+) MiB kept/gmu)];
  const kept = new Map(lines.map(([, name, mebibytes]) => [name, Number(mebibytes) * 2 ** 20]));
  for (const name of ['listed', 'opened', 'the next drawn'] as const) {
    const limit = fixedBytes[name] + mostBytesOfFace[name] * faceCount;
    expect(kept.get(name), `${name}, of\n${stdout}`).toBeLessThan(limit);
  }
});
