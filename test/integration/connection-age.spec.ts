import { once } from 'node:events';
import { Agent, createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  Client,
  credentials,
  type MethodDefinition,
  type sendUnaryData,
  Server,
  status,
} from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { serviceDefinition } from '../../src/contract/contract.js';
import { GrpcEndpoint } from '../../src/service/platform/grpc/grpc-transport.js';
import { handOverConnections } from '../../src/service/platform/http/hand-over.js';
import { boundPort } from '../support/bound-port.js';

const [ageMs, keepaliveMs] = [300, 100];
const admin = serviceDefinition('AdminService');
let server: Server;
let client: Client;
/** The connections that calls came on. */
let peers: Set<string>;

beforeEach(async () => {
  peers = new Set();
  const endpoint = new GrpcEndpoint(60_000, { maximumAgeMs: ageMs });
  server = new Server({
    interceptors: [endpoint.interceptor],
    'grpc.keepalive_time_ms': keepaliveMs,
    'grpc.keepalive_permit_without_calls': 1,
  });
  endpoint.attach(server);
  const after = (waitMs: number) => (call: { getPeer(): string }, callback: sendUnaryData<object>) => {
    peers.add(call.getPeer());
    setTimeout(callback, waitMs, null, {});
  };
  server.addService(admin, { GetCaller: after(1), ListAuditEvents: after(6 * ageMs) });
  const port = await boundPort(server);
  client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
});

afterEach(() => {
  client.close();
  server.forceShutdown();
});

function call(name: 'GetCaller' | 'ListAuditEvents'): Promise<string> {
  const { path, requestSerialize, responseDeserialize } = admin[name] as MethodDefinition<object, object>;
  return new Promise((resolve) => {
    client.makeUnaryRequest(path, requestSerialize, responseDeserialize, {}, (error) => {
      resolve(error === null ? 'OK' : `${status[error.code]} ${error.details}`);
    });
  });
}

it('answers calls that outlast the age of their connection, and loses none on its way', async () => {
  const long = [call('ListAuditEvents')];
  const ends: string[] = [];
  const endAtMs = performance.now() + 5 * ageMs;
  const callAgainAndAgain = async (): Promise<void> => {
    while (performance.now() < endAtMs) ends.push(await call('GetCaller'));
  };
  const loads = Array.from({ length: 8 }, callAgainAndAgain);
  await sleep(ageMs);
  long.push(call('ListAuditEvents'));
  await Promise.all(loads);
  expect(ends.length).toBeGreaterThan(100);
  expect(ends.filter((end) => end !== 'OK')).toEqual([]);
  expect(peers.size, 'connections').toBeGreaterThan(2);
  expect(await Promise.all(long)).toEqual(['OK', 'OK']);
});

it('ends an HTTP connection with the answer after its age, and each one once the service takes leave', async () => {
  let isClosing = false;
  const http = createServer((_request, response) => response.end('{}')).listen(0, '127.0.0.1');
  handOverConnections(http, ageMs, () => isClosing);
  await once(http, 'listening');
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const { port } = http.address() as AddressInfo;
  const connection = async (): Promise<string | undefined> => {
    const request = get({ port, host: '127.0.0.1', agent });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    await once(response.resume(), 'end');
    return response.headers.connection;
  };
  expect(await connection()).toBe('keep-alive');
  await sleep(ageMs);
  expect(await connection()).toBe('close');
  expect(await connection()).toBe('keep-alive');
  isClosing = true;
  expect(await connection()).toBe('close');
  agent.destroy();
  http.close();
});
