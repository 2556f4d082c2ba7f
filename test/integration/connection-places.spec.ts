import { Client, credentials, Server, status } from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { GrpcEndpoint } from '../../src/service/platform/grpc/grpc-transport.js';
import { boundPort } from '../support/bound-port.js';

const bytes = (content: Buffer): Buffer => content;
const serialisation = {
  requestSerialize: bytes,
  requestDeserialize: bytes,
  responseSerialize: bytes,
  responseDeserialize: bytes,
} as const;
const streamed = { requestStream: false, responseStream: true, ...serialisation } as const;
const watch = { path: '/grpc.health.v1.Health/Watch', ...streamed };
const follow = { path: '/test.Jobs/Follow', ...streamed };
const ask = {
  path: '/test.Jobs/Ask',
  requestStream: false,
  responseStream: false,
  ...serialisation,
} as const;

const maximumCount = 3;
let server: Server;
let port: number;
const clients: Client[] = [];

beforeEach(async () => {
  const endpoint = new GrpcEndpoint(60_000, { maximumCount });
  server = new Server({ interceptors: [endpoint.interceptor] });
  endpoint.attach(server);
  const begin = (call: { write(answer: Buffer): void }): void => {
    call.write(Buffer.from('begun'));
  };
  server.addService(
    { Follow: follow, Ask: ask },
    {
      Follow: begin,
      Ask: (_call: unknown, callback: (error: null, answer: Buffer) => void) => {
        callback(null, Buffer.from('answered'));
      },
    },
  );
  port = await boundPort(server);
});

afterEach(() => {
  for (const client of clients.splice(0)) client.close();
  server.forceShutdown();
});

/** A connection of its own. */
function newClient(): Client {
  const options = { 'grpc.use_local_subchannel_pool': 1, 'grpc.enable_retries': 0 };
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure(), options);
  clients.push(client);
  return client;
}

/** Begins a stream that does not end, on a connection of its own. */
async function begun({ path }: typeof watch): Promise<void> {
  const stream = newClient().makeServerStreamRequest(path, bytes, bytes, Buffer.alloc(0));
  stream.on('error', () => undefined);
  await new Promise((resolve) => stream.once('data', resolve));
}

async function asked(): Promise<string> {
  const deadline = Date.now() + 2_000;
  return new Promise((resolve) => {
    newClient().makeUnaryRequest(ask.path, bytes, bytes, Buffer.alloc(0), { deadline }, (error, answer) => {
      resolve(error === null ? String(answer) : status[error.code]);
    });
  });
}

it('gives the place of a connection that only watches health to who comes, once all are taken', async () => {
  for (let count = 0; count < maximumCount; count++) await begun(watch);
  expect(await asked()).toBe('answered');
});

it('keeps the places of connections whose streams need a key', async () => {
  for (let count = 0; count < maximumCount; count++) await begun(follow);
  expect(await asked()).not.toBe('answered');
});
