import { connect } from 'node:http2';
import { connect as connectTcp, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  Client,
  type ClientDuplexStream,
  type ClientReadableStream,
  credentials,
  type MethodDefinition,
  Server,
  ServerCredentials,
  ServerInterceptingCall,
  type ServerInterceptor,
  status,
} from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { serviceDefinition } from '../../src/contract/contract.js';
import { GrpcEndpoint } from '../../src/service/platform/grpc/grpc-transport.js';
import { serveStream } from '../../src/service/platform/grpc/stream-window.js';

const [keepaliveMs, receiveTimeoutMs] = [200, 1_000];
const admin = serviceDefinition('AdminService');
const verification = serviceDefinition('FaceVerificationService');
let endpoint: GrpcEndpoint;
let server: Server;
let address: string;
let client: Client;
/** What the method at work answers at last. */
let answer: (() => void) | undefined;

/** Calls that have reached the server. */
let begun = 0;
const counting: ServerInterceptor = (_method, call) => {
  begun++;
  return new ServerInterceptingCall(call);
};

beforeEach(async () => {
  endpoint = new GrpcEndpoint(receiveTimeoutMs);
  server = new Server({
    interceptors: [counting, endpoint.interceptor],
    'grpc.keepalive_time_ms': keepaliveMs,
    'grpc.keepalive_permit_without_calls': 1,
  });
  endpoint.attach(server);
  endpoint.setServing(true);
  type Answer = (error: null, value: object) => void;
  server.addService(admin, {
    GetCaller: (_call: unknown, callback: Answer) => {
      answer = () => {
        callback(null, { actor: 'late' });
      };
    },
  });
  server.addService(verification, {
    StreamVerify: (stream: Parameters<typeof serveStream<object, object>>[0]) => {
      serveStream(stream, {
        answer: async () => {
          await sleep(300);
          return { correlationId: 'answered' };
        },
      });
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  address = `127.0.0.1:${port}`;
  client = new Client(address, credentials.createInsecure());
});

afterEach(() => {
  client.close();
  server.forceShutdown();
});

/** Ends the server as a shutdown does. @returns how long it took, in milliseconds */
async function shutDown(): Promise<number> {
  const beginMs = performance.now();
  // The next test has an endpoint of its own by the time that this one is cut.
  const closing = endpoint;
  closing.setServing(false);
  void closing.drain().then(async () => {
    await sleep(100);
    closing.disconnect();
  });
  await new Promise<void>((resolve) => {
    server.tryShutdown(() => {
      resolve();
    });
  });
  return performance.now() - beginMs;
}

function getCaller(): Promise<string> {
  const { path, requestSerialize, responseDeserialize }: MethodDefinition<object, object> = admin.GetCaller;
  return new Promise((resolve) => {
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, {}, (error) => {
      resolve(error === null ? 'OK' : `${status[error.code]} ${error.details}`);
    });
  });
}

it('a call at work is answered by a drain that crosses marks of the keepalive', async () => {
  const call = getCaller();
  await expect.poll(() => answer, { timeout: 10_000 }).toBeDefined();
  const ended = shutDown();
  await sleep(4 * keepaliveMs);
  answer?.();
  expect(await call).toBe('OK');
  await ended;
});

/** How a stream ends. */
function endOf(stream: ClientReadableStream<unknown> | ClientDuplexStream<object, object>): Promise<string> {
  return new Promise((resolve) => {
    stream.on('status', ({ code }) => {
      resolve(status[code]);
    });
  });
}

it('idle streams and watchers of health are told to go at once; a stream answers what it has taken first', async () => {
  const { path, requestSerialize, responseDeserialize }: MethodDefinition<object, object> =
    verification.StreamVerify;
  const open = () => {
    const stream = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
    const answers: object[] = [];
    stream.on('data', (one: object) => answers.push(one));
    const ended = endOf(stream);
    stream.on('error', () => undefined);
    return { stream, answers, ended };
  };
  const [idle, busy] = [open(), open()];
  idle.stream.write({ correlationId: 'before' });
  await expect.poll(() => idle.answers.length, { timeout: 10_000 }).toBe(1);
  busy.stream.write({ correlationId: 'now' });
  const health = client.makeServerStreamRequest(
    '/grpc.health.v1.Health/Watch',
    () => Buffer.alloc(0),
    (bytes) => bytes[1],
    {},
  );
  const states: unknown[] = [];
  health.on('data', (state: unknown) => states.push(state)).on('error', () => undefined);
  const unwatched = endOf(health);
  await expect.poll(() => states).toEqual([1]);
  expect(await shutDown()).toBeLessThan(1_500);
  expect([await idle.ended, await busy.ended]).toEqual(['UNAVAILABLE', 'UNAVAILABLE']);
  expect(busy.answers).toHaveLength(1);
  expect(await unwatched).toBe('UNAVAILABLE');
  expect(states).toEqual([1, 2]);
});

/** A request of 1 MiB, of which nothing but its beginning is sent. */
async function halfSent(): Promise<{ readonly status: Promise<string>; readonly close: () => void }> {
  const before = begun;
  const session = connect(`http://${address}`);
  session.on('error', () => undefined);
  const stream = session.request({
    ':method': 'POST',
    ':path': '/symface.v1.AdminService/GetCaller',
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  stream.on('error', () => undefined);
  const told = new Promise<string>((resolve) => {
    const read = (headers: Record<string, unknown>): void => {
      if (headers['grpc-status'] !== undefined) resolve(status[Number(headers['grpc-status'])]!);
    };
    stream.on('response', read).on('trailers', read);
    stream.on('close', () => {
      resolve('closed without a status');
    });
  });
  stream.write(Buffer.concat([Buffer.from([0, 0, 16, 0, 0]), Buffer.alloc(1_000)]));
  stream.resume();
  await expect.poll(() => begun).toBeGreaterThan(before);
  return {
    status: told,
    close: () => {
      session.destroy();
    },
  };
}

it('a request of which a part is still to come does not hold a shutdown', async () => {
  const half = await halfSent();
  expect(await shutDown()).toBeLessThan(800);
  expect(await half.status).toBe('UNAVAILABLE');
  half.close();
});

it('a request that does not come is answered after the time for it', async () => {
  const half = await halfSent();
  expect(await half.status).toBe('DEADLINE_EXCEEDED');
  half.close();
});

/** A client that has said what begins HTTP/2, takes the answer, and from then on does nothing: as one that is stopped. */
async function frozenClient(): Promise<Socket> {
  const { hostname, port } = new URL(`http://${address}`);
  const socket = connectTcp({ host: hostname, port: Number(port), allowHalfOpen: true });
  socket.on('error', () => undefined).write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', 'latin1');
  await new Promise((resolve) => socket.once('data', resolve));
  return socket;
}

it('a client that does not answer the end of its connection does not hold a shutdown', async () => {
  const frozen = await frozenClient();
  const { hostname, port } = new URL(`http://${address}`);
  // Nor does one that never says anything.
  const silent = connectTcp({ host: hostname, port: Number(port), allowHalfOpen: true });
  silent.on('error', () => undefined);
  await expect.poll(() => silent.readyState).toBe('open');
  expect(await shutDown()).toBeLessThan(2_000);
  for (const socket of [frozen, silent]) socket.destroy();
});
