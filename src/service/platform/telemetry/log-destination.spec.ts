import { execFileSync } from 'node:child_process';
import {
  closeSync,
  constants,
  existsSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LogDestination } from './log-destination.js';

let folder: string;
const descriptors: number[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'symface-log-'));
});

afterEach(() => {
  for (const descriptor of descriptors.splice(0)) closeSync(descriptor);
  rmSync(folder, { recursive: true });
});

function opened(path: string, flags: string | number): number {
  const descriptor = openSync(path, flags);
  descriptors.push(descriptor);
  return descriptor;
}

it('writes lines in their order, and at the end what still waits', async () => {
  const path = join(folder, 'log');
  const destination = new LogDestination(opened(path, 'w'));
  for (let line = 0; line < 500; line++) destination.write(`${line}\n`);
  await expect.poll(() => readFileSync(path, 'utf8').trim().split('\n').length).toBe(500);
  destination.write('last\n');
  destination.flushSync();
  await sleep(20);
  expect(readFileSync(path, 'utf8')).toMatch(/^0\n1\n[\s\S]*499\nlast\n/u);
});

it('writes a line once that is on its way when the rest is to be written', async () => {
  const path = join(folder, 'log');
  const destination = new LogDestination(opened(path, 'w'));
  for (let line = 0; line < 50; line++) {
    destination.write(`${line}\n`);
    destination.write(`${line} waits\n`);
    destination.flushSync();
    await sleep(1);
  }
  const lines = (): readonly string[] => readFileSync(path, 'utf8').trim().split('\n').toSorted();
  const expected = Array.from({ length: 50 }, (_, line) => [`${line}`, `${line} waits`]).flat();
  await expect.poll(lines, { timeout: 10_000 }).toEqual(expected.toSorted());
  // Nothing comes twice, later.
  await sleep(50);
  expect(lines()).toHaveLength(expected.length);
});

it.runIf(existsSync('/dev/full'))('stops nothing on a full disk', async () => {
  const destination = new LogDestination(opened('/dev/full', 'w'));
  destination.write('lost\n');
  await sleep(50);
  destination.write('lost\n');
  const beginMs = performance.now();
  destination.flushSync();
  expect(performance.now() - beginMs).toBeLessThan(1_000);
});

describe.runIf(process.platform === 'linux')('in a pipe', () => {
  it('keeps no more than a limit of what nobody reads, and says how many lines were lost', async () => {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    const reader = opened(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const destination = new LogDestination(opened(path, constants.O_WRONLY | constants.O_NONBLOCK));
    const line = `${'x'.repeat(9_999)}\n`;
    for (let count = 0; count < 2_000; count++) destination.write(line);
    const beginMs = performance.now();
    destination.flushSync();
    expect(performance.now() - beginMs).toBeLessThan(2_000);
    let text = '';
    const buffer = Buffer.alloc(1 << 20);
    const read = (): string => {
      try {
        text += buffer.toString('utf8', 0, readSync(reader, buffer));
      } catch {
        // Nothing is there yet.
      }
      return text;
    };
    const tells = (): boolean => read().includes('lines of this log were lost');
    await expect.poll(tells, { timeout: 20_000, interval: 1 }).toBe(true);
    const [, lost = ''] = /"(\d+) lines/u.exec(text) ?? [];
    expect(text.split('\n').filter((found) => found === line.trim()).length + Number(lost)).toBe(2_000);
  });

  it('takes lines that nobody will ever read', async () => {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    const reader = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const destination = new LogDestination(opened(path, constants.O_WRONLY | constants.O_NONBLOCK));
    closeSync(reader);
    for (let count = 0; count < 3; count++) {
      destination.write('nobody reads this\n');
      await sleep(20);
    }
    destination.flushSync();
  });
});
