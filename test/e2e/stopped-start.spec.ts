import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { testEncryptionKey } from '../support/encryption-key.js';

const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
/** A second of grace, and a machine that is busy; the start itself gives the database up after ten. */
const endedWithinMs = 5_000;

let folder: string;
/** Takes connections and never says a word. */
let database: Server;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'symface-stopped-start-'));
  database = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
  await once(database, 'listening');
});

afterAll(async () => {
  database.close();
  await rm(folder, { recursive: true });
});

function start(args: readonly string[]): ChildProcess {
  const address = database.address();
  if (address === null || typeof address === 'string') throw new Error('the database has no port');
  return spawn(process.execPath, [program, ...args], {
    env: {
      ...process.env,
      DATABASE_URL: `postgres://nobody@127.0.0.1:${address.port}/silent`,
      SYMFACE_DATA_DIR: folder,
      SYMFACE_ENCRYPTION_KEY: testEncryptionKey,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

it.each([['serve'], ['worker', '--queues', 'training']])(
  'SIGTERM ends a start that waits for its database: %s',
  async (...args) => {
    const connected = once(database, 'connection');
    const child = start(args);
    const err = textOf(child.stderr!);
    await connected;
    const toldAtMs = performance.now();
    child.kill('SIGTERM');
    const [code] = (await once(child, 'exit')) as [number | null];
    expect(performance.now() - toldAtMs).toBeLessThan(endedWithinMs);
    expect(await err).toBe('symface: told to end before it had started.\n');
    expect(code).toBe(0);
  },
);
