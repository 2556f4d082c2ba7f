import {
  Client,
  credentials,
  Server,
  ServerCredentials,
  type MethodDefinition,
  type ServiceError,
  status,
} from '@grpc/grpc-js';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { serviceDefinition } from '../../../contract/contract.js';
import { deadlineInterceptor } from './deadline-interceptor.js';

const defaultDeadlineMs = 150;
const service = serviceDefinition('AdminService');
let server: Server;
let address: string;
/** What the hanging method answers at last. */
let answer: (() => void) | undefined;

beforeEach(async () => {
  server = new Server({ interceptors: [deadlineInterceptor(defaultDeadlineMs)] });
  type Answer = (error: ServiceError | null, value?: object) => void;
  server.addService(service, {
    GetCaller: (_call: unknown, callback: Answer) => {
      answer = () => {
        callback(null, { actor: 'late' });
      };
    },
    ListApiKeys: (_call: unknown, callback: Answer) => {
      callback(null, { nextPageToken: 'x' });
    },
  });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) => {
      if (error === null) resolve(bound);
      else reject(error);
    });
  });
  address = `127.0.0.1:${port}`;
});

afterEach(() => {
  server.forceShutdown();
});

/** Calls with a deadline, or with none at all, which our own client never does. */
async function codeOf(method: 'GetCaller' | 'ListApiKeys', deadline?: number): Promise<string> {
  const client = new Client(address, credentials.createInsecure());
  const { path, requestSerialize, responseDeserialize }: MethodDefinition<object, object> = service[method];
  try {
    return await new Promise<string>((resolve) => {
      const options = deadline === undefined ? {} : { deadline };
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, {}, options, (error) => {
        resolve(status[error?.code ?? status.OK]);
      });
    });
  } finally {
    client.close();
  }
}

it('answers a call whose work hangs within the default deadline, and drops what comes later', async () => {
  const startedAtMs = performance.now();
  expect(await codeOf('GetCaller')).toBe('DEADLINE_EXCEEDED');
  expect(performance.now() - startedAtMs).toBeGreaterThan(defaultDeadlineMs - 20);
  answer?.();
  expect(await codeOf('ListApiKeys')).toBe('OK');
});

it('leaves a call its own deadline, longer than the default', async () => {
  const startedAtMs = performance.now();
  expect(await codeOf('GetCaller', Date.now() + 400)).toBe('DEADLINE_EXCEEDED');
  expect(performance.now() - startedAtMs).toBeGreaterThan(defaultDeadlineMs * 2);
});
