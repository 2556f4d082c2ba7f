import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { sharedPath } from '../support/shared-data.js';

const program = fileURLToPath(new URL('../../bench/fuzz/main.mjs', import.meta.url));
/** Each of 250 inputs. */
const rounds = 4;

// The short run of `npm run fuzz`: in a process of its own, since a reader that hangs or fills memory would end this one.
describe('the readers of data sets', () => {
  it('read or refuse what is made up, soon and in little memory', () => {
    const args = [program, '--rounds', String(rounds), '--bin', sharedPath('data', 'bin')];
    const { status, stdout } = spawnSync(process.execPath, args, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    const { findings, inputs, read } = JSON.parse(stdout) as {
      readonly findings: readonly unknown[];
      readonly inputs: number;
      readonly read: number;
    };
    expect(findings).toEqual([]);
    expect(inputs).toBe(rounds * 250);
    // Inputs that are all refused at once would find nothing.
    expect(read).toBeGreaterThan(50);
    expect(status).toBe(0);
  });
});
