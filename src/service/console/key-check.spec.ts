import { once } from 'node:events';
import { createServer, type IncomingMessage, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { Failure } from '../../core/failure.js';
import { keyCheck } from './key-check.js';

let server: Server;
/** What was told to whoever logs and counts failures. */
const reported: unknown[] = [];
afterEach(() => server.close());

/** A port at which only the key "good" gets further. @returns its address */
async function listen(): Promise<string> {
  const check = keyCheck(
    {
      execute: (key) =>
        key === 'good'
          ? Promise.resolve({ actor: 'apiKeys/1', tenant: 'acme', role: 'client' })
          : Promise.reject(new Failure('UNAUTHENTICATED', 'This service needs an API key.')),
    },
    { report: (error) => reported.push(error) },
  );
  server = createServer((incoming, response) => {
    check(incoming, response, () => response.writeHead(204).end());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const method = '/symface.v1.AdminService/GetCaller';

describe('keyCheck', () => {
  it('lets calls with a key through, and what is no call', async () => {
    const url = await listen();
    const headers = { Authorization: 'Bearer good' };
    expect((await fetch(`${url}${method}`, { method: 'POST', headers })).status).toBe(204);
    expect((await fetch(`${url}/healthz`)).status).toBe(204);
  });

  it.each([undefined, 'Bearer bad', 'Basic good'])(
    'refuses a call with "%s", with the reason, before its body has come',
    async (authorization) => {
      const url = await listen();
      const call = request(`${url}${method}`, {
        method: 'POST',
        headers: { 'Content-Length': '90000000', ...(authorization && { authorization }) },
      });
      call.flushHeaders();
      const [answer] = (await once(call, 'response')) as [IncomingMessage];
      expect(answer.statusCode).toBe(401);
      expect(reported.at(-1)).toMatchObject({ reason: 'UNAUTHENTICATED' });
      const text = (await answer.toArray()).join('');
      expect(JSON.parse(text)).toMatchObject({
        code: 'unauthenticated',
        details: [
          { type: 'google.rpc.ErrorInfo', debug: { reason: 'UNAUTHENTICATED' } },
          { type: 'google.rpc.RequestInfo' },
        ],
      });
      call.destroy();
    },
  );
});
