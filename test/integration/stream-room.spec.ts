import { setTimeout as sleep } from 'node:timers/promises';
import { Client, credentials, Server } from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { serveStream } from '../../src/service/platform/grpc/stream-window.js';
import { boundPort } from '../support/bound-port.js';

const path = '/test/Stream';
const sentCount = 12;
const identity = (bytes: Buffer): Buffer => bytes;

let server: Server;
let client: Client;
let hasRoom: boolean;
/** Messages that the server has received whole. */
let received: number;

beforeEach(async () => {
  [hasRoom, received] = [false, 0];
  server = new Server();
  const method = {
    path,
    requestStream: true,
    responseStream: true,
    requestSerialize: identity,
    responseSerialize: identity,
    responseDeserialize: identity,
    requestDeserialize: (bytes: Buffer) => {
      received++;
      return bytes;
    },
  };
  server.addService(
    { stream: method },
    {
      stream: (stream: Parameters<typeof serveStream<Buffer, Buffer>>[0]) => {
        serveStream(stream, { answer: (bytes) => Promise.resolve(bytes), hasRoom: () => hasRoom });
      },
    },
  );
  const port = await boundPort(server);
  client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
});

afterEach(() => {
  client.close();
  server.forceShutdown();
});

it('receives no more of a stream than one message ahead while there is no room, and all of it then', async () => {
  const stream = client.makeBidiStreamRequest(path, identity, identity);
  let answered = 0;
  const ended = new Promise((resolve) => stream.once('end', resolve));
  stream.on('data', () => answered++);
  for (let message = 0; message < sentCount; message++) stream.write(Buffer.alloc(1_000, message));
  stream.end();
  while (received === 0) await sleep(10);
  // All were sent long ago, and fit into what the connection takes unread.
  await sleep(300);
  expect(received).toBeLessThanOrEqual(2);
  expect(answered).toBe(0);
  hasRoom = true;
  await ended;
  expect({ received, answered }).toEqual({ received: sentCount, answered: sentCount });
});
