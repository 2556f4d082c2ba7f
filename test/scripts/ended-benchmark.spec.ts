import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

const module = new URL('../../bench/serve/left-behind.mjs', import.meta.url).href;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'symface-ended-'));
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

/** A benchmark with a process, which holds its output too, and a folder of its own; it says a word and waits. */
const benchmark = `
  import { spawn } from 'node:child_process';
  import { rmSync } from 'node:fs';
  import { undoneAtExit } from ${JSON.stringify(module)};
  const service = spawn(process.execPath, ['--eval', 'setInterval(() => undefined, 1000)'], { stdio: ['ignore', 'inherit', 'ignore'] });
  undoneAtExit(() => service.kill('SIGKILL'));
  undoneAtExit(() => rmSync(process.argv[1], { recursive: true }));
  const done = undoneAtExit(() => console.log('what was undone before is undone again'));
  done();
  console.log('measuring');
  setInterval(() => undefined, 1000);
`;

it.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)('ends with all that it has at %s', async (signal, exitCode) => {
  const own = join(folder, signal);
  await mkdir(own);
  const child = spawn(process.execPath, ['--input-type=module', '--eval', benchmark, own], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  child.stdout.on('data', (text: Buffer) => (said += text.toString()));
  await once(child.stdout, 'data');
  child.kill(signal);
  // Only once nobody holds its output any more.
  expect(await once(child, 'close')).toEqual([exitCode, null]);
  expect(existsSync(own)).toBe(false);
  expect(said).toBe('measuring\n');
});
