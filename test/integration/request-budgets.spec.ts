import { once } from 'node:events';
import {
  createServer,
  request as httpRequest,
  type IncomingMessage,
  type Server as HttpServer,
} from 'node:http';
import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  type IncomingHttpHeaders,
} from 'node:http2';
import { type AddressInfo, connect as connectTcp } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, credentials, Server, ServerCredentials, status } from '@grpc/grpc-js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { serviceDefinition } from '../../src/contract/contract.js';
import { authenticationInterceptor } from '../../src/service/access/authentication-interceptor.js';
import { budgetInterceptor } from '../../src/service/platform/grpc/budget-interceptor.js';
import { RequestBudgets } from '../../src/service/platform/grpc/request-budgets.js';
import { serveStream } from '../../src/service/platform/grpc/stream-window.js';
import { bodyLimits } from '../../src/service/platform/http/bridge/body-limits.js';
import { boundPipelines } from '../../src/service/platform/http/pipelined-requests.js';

const mebibyte = 1024 * 1024;
const errors = { report: () => undefined };
const verification = serviceDefinition('FaceVerificationService');
const [embed, stream] = [verification.Embed, verification.StreamVerify];
const bytesAsTheyAre = (bytes: Buffer): Buffer => bytes;
/** Of the health service, which asks nobody who they are. */
const watch = {
  path: '/grpc.health.v1.Health/Watch',
  requestStream: false,
  responseStream: true,
  requestSerialize: bytesAsTheyAre,
  requestDeserialize: bytesAsTheyAre,
  responseSerialize: bytesAsTheyAre,
  responseDeserialize: bytesAsTheyAre,
} as const;

/** Waits until it holds, for at most five seconds. */
async function until(holds: () => boolean): Promise<void> {
  for (let attempt = 0; attempt < 500 && !holds(); attempt++) await sleep(10);
  expect(holds()).toBe(true);
}

describe('what gRPC calls share', () => {
  let server: Server;
  let budgets: RequestBudgets;
  let address: string;
  const [clients, sessions]: [Client[], ClientHttp2Session[]] = [[], []];
  let answer: () => void = () => undefined;

  beforeEach(async () => {
    budgets = new RequestBudgets({ maximumCalls: 12, maximumRequestBytes: 8 * mebibyte });
    server = new Server({
      interceptors: [authenticationInterceptor(undefined, errors), budgetInterceptor(budgets, errors)],
      'grpc.max_receive_message_length': 64 * mebibyte,
    });
    server.addService(verification, {
      Embed: (_call: unknown, callback: (error: null, value: object) => void) => {
        answer = () => {
          callback(null, { modelVersion: 'any' });
        };
        setTimeout(answer, 50);
      },
      StreamVerify: (call: Parameters<typeof serveStream<object, object>>[0]) => {
        serveStream(call, { answer: () => Promise.resolve({ correlationId: 'answered' }) });
      },
    });
    server.addService(
      { Watch: watch },
      {
        Watch: (call: { write(answer: Buffer): void }) => {
          call.write(Buffer.alloc(0));
        },
      },
    );
    const port = await new Promise<number>((resolve, reject) => {
      server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
        if (error === null) resolve(bound);
        else reject(error);
      });
    });
    address = `127.0.0.1:${port}`;
  });

  afterEach(() => {
    for (const client of clients.splice(0)) client.close();
    for (const session of sessions.splice(0)) session.destroy();
    server.forceShutdown();
  });

  /** A connection of its own. */
  const newClient = (): Client => {
    const client = new Client(address, credentials.createInsecure(), { 'grpc.use_local_subchannel_pool': 1 });
    clients.push(client);
    return client;
  };

  const embedded = async (client: Client, content: Buffer): Promise<number> =>
    new Promise((resolve) => {
      const { path, requestSerialize, responseDeserialize } = embed;
      client.makeUnaryRequest(
        path,
        requestSerialize,
        responseDeserialize,
        { image: { content } },
        (error) => {
          resolve(error?.code ?? status.OK);
        },
      );
    });

  it('gives those of whom nobody asks who they are no more than half, whatever connections they open', async () => {
    let refused = 0;
    for (let connection = 0; connection < 10; connection++) {
      const client = newClient();
      for (let count = 0; count < 3; count++) {
        const { path, requestSerialize, responseDeserialize } = watch;
        client
          .makeServerStreamRequest(path, requestSerialize, responseDeserialize, Buffer.alloc(0))
          .on('error', () => refused++)
          .resume();
      }
    }
    await until(() => refused === 24);
    expect(budgets.calls.used).toBe(6);
    expect(await embedded(newClient(), Buffer.alloc(10))).toBe(status.OK);
  });

  /** Begins a request and sends a part of it only. @returns its status, once there is one */
  const unfinished = (session: ClientHttp2Session, bytes: number): { readonly status: () => string } => {
    const call: ClientHttp2Stream = session.request({
      ':method': 'POST',
      ':path': embed.path,
      'content-type': 'application/grpc',
      te: 'trailers',
    });
    let given = '';
    call.on('response', (headers: IncomingHttpHeaders) => {
      given = String(headers['grpc-status'] ?? '');
    });
    call.on('error', () => undefined);
    const beginning = Buffer.alloc(5 + bytes);
    beginning.writeUInt32BE(2 * bytes, 1);
    call.write(beginning);
    return { status: () => given };
  };

  it('holds no more of unfinished requests than a share, and answers whoever else calls', async () => {
    // With less, Node's client refuses answers while so much waits to be sent.
    const session = connect(`http://${address}`, { maxSessionMemory: 64 });
    sessions.push(session);
    const calls = Array.from({ length: 6 }, () => unfinished(session, 2 * mebibyte));
    await until(
      () => calls.filter((call) => call.status() === String(status.RESOURCE_EXHAUSTED)).length >= 4,
    );
    // A request counts as what it says it will be, from its first bytes on.
    expect(budgets.bytes.used).toBeLessThanOrEqual(4 * mebibyte + 32 * 1024);
    expect(await embedded(newClient(), Buffer.alloc(mebibyte))).toBe(status.OK);
    session.destroy();
    await until(() => budgets.bytes.used === 0 && budgets.calls.used === 0);
  });

  it('counts a request until it is answered, and not longer', async () => {
    const client = newClient();
    expect(await embedded(client, Buffer.alloc(3 * mebibyte))).toBe(status.OK);
    await until(() => budgets.bytes.used === 0);
    const [one, two] = [
      embedded(client, Buffer.alloc(3 * mebibyte)),
      embedded(client, Buffer.alloc(3 * mebibyte)),
    ];
    expect([await one, await two].sort()).toEqual([status.OK, status.RESOURCE_EXHAUSTED]);
    expect(await embedded(client, Buffer.alloc(3 * mebibyte))).toBe(status.OK);
  });

  it('lets a stream send as much as it likes, one message after the other', async () => {
    const { path, requestSerialize, responseDeserialize } = stream;
    const call = newClient().makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
    for (let message = 0; message < 10; message++) {
      call.write({ correlationId: 'x', request: { imageA: { content: Buffer.alloc(mebibyte) } } });
      await once(call, 'data');
    }
    call.end();
    await once(call, 'status');
    await until(() => budgets.bytes.used === 0 && budgets.calls.used === 0);
  });

  it('takes half of the calls of one connection, and those of another', async () => {
    const { path, requestSerialize, responseDeserialize } = stream;
    const open = (client: Client) => {
      const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize);
      const ended = new Promise<number>((resolve) =>
        call.on('status', ({ code }) => {
          resolve(code);
        }),
      );
      call.on('error', () => undefined).resume();
      return { call, ended };
    };
    const busy = newClient();
    const streams = Array.from({ length: 8 }, () => open(busy));
    const refused = await Promise.all(streams.slice(6).map(async ({ ended }) => ended));
    expect(refused).toEqual([status.RESOURCE_EXHAUSTED, status.RESOURCE_EXHAUSTED]);
    expect(await embedded(newClient(), Buffer.alloc(10))).toBe(status.OK);
    for (const { call } of streams) call.cancel();
    await until(() => budgets.calls.used === 0);
  });
});

describe('bodies over HTTP', () => {
  let server: HttpServer;
  afterEach(() => {
    server.closeAllConnections();
    server.close();
  });

  /** Answers calls with the length of their bodies. */
  const listen = async (budgets: RequestBudgets, receiveTimeoutMs: number): Promise<string> => {
    const limits = bodyLimits(budgets, receiveTimeoutMs, errors);
    const answerWithLength = async (request: IncomingMessage): Promise<string> => {
      let length = 0;
      for await (const chunk of request) length += (chunk as Buffer).byteLength;
      return String(length);
    };
    server = createServer((request, response) => {
      limits(request, response, () => {
        answerWithLength(request).then(
          (length) => response.end(length),
          () => undefined,
        );
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}${embed.path}`;
  };

  it('come whole, are counted, and are no longer once they are answered', async () => {
    const budgets = new RequestBudgets({ maximumCalls: 1, maximumRequestBytes: 8 * mebibyte });
    const url = await listen(budgets, 5_000);
    for (let call = 0; call < 5; call++) {
      const response = await fetch(url, { method: 'POST', body: Buffer.alloc(3 * mebibyte) });
      expect(await response.text()).toBe(String(3 * mebibyte));
    }
    await until(() => budgets.bytes.used === 0);
  });

  it('are refused where they are too many bytes', async () => {
    const url = await listen(new RequestBudgets({ maximumCalls: 1, maximumRequestBytes: mebibyte }), 5_000);
    const call = httpRequest(url, { method: 'POST', headers: { 'Content-Length': 10 * mebibyte } });
    call.on('error', () => undefined);
    call.write(Buffer.alloc(mebibyte));
    const [answer] = (await once(call, 'response')) as [IncomingMessage];
    expect(answer.statusCode).toBe(429);
    expect((await answer.toArray()).join('')).toContain('OVERLOADED');
  });

  it('are refused where they do not come', async () => {
    const budgets = new RequestBudgets({ maximumCalls: 1, maximumRequestBytes: 8 * mebibyte });
    const url = await listen(budgets, 200);
    const call = httpRequest(url, { method: 'POST', headers: { 'Content-Length': 1000 } });
    call.on('error', () => undefined);
    call.write(Buffer.alloc(10));
    const [answer] = (await once(call, 'response')) as [IncomingMessage];
    expect(answer.statusCode).toBe(504);
    expect((await answer.toArray()).join('')).toContain('DEADLINE_EXCEEDED');
    await until(() => budgets.bytes.used === 0);
  });

  it('are given up where their connection goes, in line behind another too, and where it has gone already', async () => {
    const budgets = new RequestBudgets({ maximumCalls: 1, maximumRequestBytes: 32 * mebibyte });
    const limits = bodyLimits(budgets, 5_000, errors);
    let takeLate: () => void = () => undefined;
    server = createServer((request, response) => {
      const take = (): void => {
        limits(request, response, () => undefined);
      };
      if (request.headers['x-late'] === undefined) take();
      else takeLate = take;
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    boundPipelines(server);
    const socket = connectTcp((server.address() as AddressInfo).port, '127.0.0.1');
    const head = (length: number, more = ''): string =>
      `POST ${embed.path} HTTP/1.1\r\nHost: localhost\r\n${more}Content-Length: ${length}\r\n\r\n`;
    socket.write(`${head(2)}{}${head(2)}{}${head(2, 'X-Late: 1\r\n')}{}${head(mebibyte)}{`);
    await until(() => budgets.bytes.used === mebibyte + 4);
    socket.destroy();
    await until(() => budgets.bytes.used === 0);
    takeLate();
    expect(budgets.bytes.used).toBe(0);
  });
});
