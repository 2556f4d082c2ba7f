import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect, type Socket } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { boundPipelines } from './pipelined-requests.js';

const maximumCount = 4;
const request = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';
/** Those that wait for their answer. */
let held: ServerResponse[];
let taken: number;
let server: Server;
let socket: Socket;

beforeEach(async () => {
  held = [];
  taken = 0;
  server = createServer((_, response) => {
    taken++;
    held.push(response);
  });
  boundPipelines(server, maximumCount);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.on('error', () => undefined);
});

afterEach(() => {
  socket.destroy();
  server.close();
});

it('answers as many requests at a time as may be, again and again', async () => {
  let received = '';
  socket.on('data', (bytes: Buffer) => (received += bytes.toString()));
  for (let round = 1; round <= 3; round++) {
    socket.write(request.repeat(maximumCount));
    await expect.poll(() => held.length).toBe(maximumCount);
    for (const response of held.splice(0)) response.end('answered');
    await expect.poll(() => received.split('answered').length - 1).toBe(round * maximumCount);
  }
  expect(socket.destroyed).toBe(false);
});

it('cuts a connection with one more, and takes none that came with it', async () => {
  socket.resume().write(request.repeat(1_000));
  await once(socket, 'close');
  expect(taken).toBe(maximumCount);
});

it('leaves other connections at work', async () => {
  const other = connect((server.address() as AddressInfo).port, '127.0.0.1');
  other.write(request);
  await expect.poll(() => taken).toBe(1);
  socket.resume().write(request.repeat(maximumCount + 1));
  await once(socket, 'close');
  held[0]?.end('answered');
  const [answer] = (await once(other, 'data')) as [Buffer];
  expect(String(answer)).toContain('answered');
  other.destroy();
});

it('tells those that waited for their turn that the connection has gone', async () => {
  socket.write(request.repeat(3));
  await expect.poll(() => held.length).toBe(3);
  const closed = Promise.all(held.map(async (response) => once(response, 'close')));
  socket.destroy();
  await closed;
});
