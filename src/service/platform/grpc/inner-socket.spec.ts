import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, utimes } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { innerSocket } from './inner-socket.js';

let place: string;

beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'symface-inner-'));
});
afterEach(async () => rm(place, { recursive: true, force: true }));

it('removes what killed processes have left, and nothing of those that live or begin', async () => {
  const folders = ['killed', 'living', 'beginning', 'forgotten'].map((name) =>
    join(place, `symface-grpc-${name}`),
  );
  for (const folder of folders) await mkdir(folder);
  const [killed = '', living = '', , forgotten = ''] = folders;
  const script = `require('node:net').createServer().listen(${JSON.stringify(join(killed, 'grpc.sock'))}, () => console.log('up'))`;
  const child = spawn(process.execPath, ['--eval', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
  const server = createServer().listen(join(living, 'grpc.sock'));
  await once(server, 'listening');
  const longAgo = new Date(Date.now() - 7_200_000);
  await utimes(forgotten, longAgo, longAgo);
  const socket = await innerSocket(place);
  const left = (await readdir(place)).map((name) => name.replace('symface-grpc-', ''));
  expect(left.filter((name) => name.length > 6).sort()).toEqual(['beginning']);
  expect(left).toContain('living');
  expect(left).not.toContain('killed');
  expect(left).toHaveLength(3);
  await socket.remove();
  expect(await readdir(place)).toHaveLength(2);
  server.close();
});

it('takes a shorter place where the path of a socket would be too long', async () => {
  const long = join(place, 'l'.repeat(100));
  await mkdir(long);
  const socket = await innerSocket(long);
  expect(Buffer.byteLength(socket.address.replace('unix:', ''))).toBeLessThanOrEqual(103);
  expect(await readdir(long)).toEqual([]);
  await socket.remove();
});

it('says what to do where the folder for temporary files is not there', async () => {
  await expect(innerSocket(join(place, 'gone'))).rejects.toThrow(
    /gone, cannot be written \(ENOENT\)\. Set TMPDIR/u,
  );
});
