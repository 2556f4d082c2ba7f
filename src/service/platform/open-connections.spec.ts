import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { OpenConnections } from './open-connections.js';

const sockets: Socket[] = [];
let server: Server;
let connections: OpenConnections;
/** Ends the answers that are held back. */
let answerAll: () => void;

beforeEach(async () => {
  const held: (() => void)[] = [];
  answerAll = () => {
    for (const answer of held.splice(0)) answer();
  };
  server = createServer((request, response) => {
    if (request.url === '/held') held.push(() => response.end('answered'));
    else response.end('answered');
  });
  connections = new OpenConnections(2);
  connections.watch(server);
  connections.watchCalls(server);
  await once(server.listen(0, '127.0.0.1'), 'listening');
});

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
  server.close();
});

async function connection(): Promise<Socket> {
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  sockets.push(socket);
  socket.on('error', () => undefined);
  socket.resume();
  await once(socket, 'connect');
  return socket;
}

async function ask(socket: Socket, path = '/', method = 'POST'): Promise<void> {
  socket.write(`${method} ${path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 0\r\n\r\n`);
  if (path !== '/held') await once(socket, 'data');
}

it('gives the place of the connection that is idle longest to who comes', async () => {
  const silent = await connection();
  const user = await connection();
  const closed = once(silent, 'close');
  const newcomer = await connection();
  await closed;
  await Promise.all([ask(user), ask(newcomer)]);
  // Now the user was answered first.
  await ask(newcomer);
  const userClosed = once(user, 'close');
  await ask(await connection());
  await userClosed;
  expect(newcomer.destroyed).toBe(false);
});

it('gives the place of what is asked without a key, and never answered or read, to who comes', async () => {
  const files = [await connection(), await connection()];
  for (const socket of files) await ask(socket, '/held', 'GET');
  const [oldest] = files;
  // It may be reset, with the request that was not answered.
  const closed = new Promise((resolve) => oldest!.once('close', resolve));
  await ask(await connection());
  await closed;
});

it('turns who comes away where all are at work, and cuts none of them', async () => {
  const busy = [await connection(), await connection()];
  const asked = new Promise<void>((resolve) => {
    let count = 0;
    server.on('request', () => {
      if (++count === 2) resolve();
    });
  });
  for (const socket of busy) await ask(socket, '/held');
  await asked;
  const late = await connection();
  await once(late, 'close');
  const answers = busy.map(async (socket) => once(socket, 'data'));
  answerAll();
  for (const [answer] of await Promise.all(answers)) expect(String(answer)).toContain('answered');
});

it('cuts all connections, also one on which nothing has come yet', async () => {
  const open = [await connection(), await connection()];
  await ask(open[0]!);
  const closed = open.map(async (socket) => once(socket, 'close'));
  connections.destroyAll();
  await Promise.all(closed);
});
