import { once } from 'node:events';
import {
  Client,
  credentials,
  Metadata,
  Server,
  type ServerDuplexStream,
  status,
  type StatusObject,
} from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { serviceDefinition } from '../../contract/contract.js';
import { Failure } from '../../core/failure.js';
import { authenticationInterceptor } from './authentication-interceptor.js';
import type { Caller } from './caller.js';
import { streamAccessInterceptor } from './stream-access-interceptor.js';
import { boundPort } from '../../../test/support/bound-port.js';

const { StreamVerify: method } = serviceDefinition('FaceVerificationService');
/** What the service knows of the key, or why it cannot tell. */
let known: () => Promise<Caller>;
let asked: number;
let server: Server;
let client: Client;
let handled: ServerDuplexStream<object, object>;

const acme: Caller = { actor: 'apiKeys/1', tenant: 'acme', role: 'client' };

beforeEach(async () => {
  known = () => Promise.resolve(acme);
  asked = 0;
  const authenticate = {
    execute: async () => {
      asked++;
      return known();
    },
  };
  const errors = { report: () => undefined };
  server = new Server({
    interceptors: [
      authenticationInterceptor(authenticate, errors),
      streamAccessInterceptor(authenticate, errors),
    ],
  });
  server.addService(serviceDefinition('FaceVerificationService'), {
    StreamVerify: (stream: ServerDuplexStream<object, object>) => {
      handled = stream;
      stream.on('data', () => stream.write({ correlationId: 'answered' }));
      stream.on('error', () => undefined);
    },
  });
  const port = await boundPort(server);
  client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
});

afterEach(() => {
  client.close();
  server.forceShutdown();
});

/** Opens a stream on which one request is answered. */
async function openStream(): Promise<{ readonly ended: Promise<StatusObject> }> {
  const metadata = new Metadata();
  metadata.set('authorization', 'Bearer sfk_1');
  const { path, requestSerialize, responseDeserialize } = method;
  const call = client.makeBidiStreamRequest(path, requestSerialize, responseDeserialize, metadata);
  call.on('error', () => undefined);
  const ended = new Promise<StatusObject>((resolve) => call.once('status', resolve));
  call.write({ correlationId: '1' });
  await once(call, 'data');
  return { ended };
}

it.each([
  [
    'is revoked',
    () => Promise.reject(new Failure('UNAUTHENTICATED', 'The API key was revoked.')),
    /revoked/u,
  ],
  ['is of another tenant', () => Promise.resolve({ ...acme, tenant: 'rival' }), /has changed/u],
  ['has another role', () => Promise.resolve({ ...acme, role: 'device' as const }), /has changed/u],
])('ends the stream of a key that %s, and tells its handler', async (_, become, told) => {
  const { ended } = await openStream();
  known = become;
  const { code, details } = await ended;
  expect(status[code]).toBe('UNAUTHENTICATED');
  expect(details).toMatch(told);
  if (!handled.cancelled) await once(handled, 'cancelled');
});

it('leaves a stream open while nobody can tell, and asks no more once it has ended', async () => {
  const { ended } = await openStream();
  known = () => Promise.reject(new Failure('DATABASE_UNAVAILABLE', 'away'));
  await new Promise((resolve) => setTimeout(resolve, 2_300));
  expect(asked).toBe(3);
  handled.end();
  expect((await ended).code).toBe(status.OK);
  await new Promise((resolve) => setTimeout(resolve, 1_300));
  expect(asked).toBe(3);
});
