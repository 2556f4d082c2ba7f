import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client, credentials } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bridgeHandler } from './bridge-handler.js';

let server: Server;
let client: Client;

beforeAll(async () => {
  // Nothing of what is refused here gets as far as the service.
  client = new Client('127.0.0.1:1', credentials.createInsecure());
  const handler = bridgeHandler(client);
  server = createServer((request, response) => {
    handler(request, response, () => response.writeHead(204).end());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  client.close();
  server.close();
});

async function refusal(
  method: string,
  contentType: string,
  body: BodyInit = '{}',
): Promise<{ status: number; message: string }> {
  const { port } = server.address() as AddressInfo;
  const answer = await fetch(`http://127.0.0.1:${port}/symface.v1.${method}`, {
    method: 'POST',
    headers: { 'Content-Type': contentType },
    body,
  });
  const { message } = (await answer.json()) as { readonly message: string };
  return { status: answer.status, message };
}

describe('bridgeHandler', () => {
  it('says what to send, to who calls a method with another type', async () => {
    // What `curl -d` sends.
    expect(await refusal('FaceVerificationService/Verify', 'application/x-www-form-urlencoded')).toEqual({
      status: 400,
      message: expect.stringContaining('"Content-Type: application/json"') as string,
    });
    for (const type of ['application/jsonx', 'application/json; charset=utf-16']) {
      expect(await refusal('FaceVerificationService/Verify', type)).toEqual({
        status: 400,
        message: expect.stringContaining('in UTF-8') as string,
      });
    }
    expect(await refusal('JobService/WatchJob', 'application/json')).toEqual({
      status: 400,
      message: expect.stringContaining('application/connect+json') as string,
    });
  });

  it('says that there is no such method, and that methods are called by POST', async () => {
    const { port } = server.address() as AddressInfo;
    const at = `http://127.0.0.1:${port}/symface.v1.FaceVerificationService`;
    const misspelt = await fetch(`${at}/verify`, { method: 'POST' });
    expect(misspelt.status).toBe(404);
    expect(await misspelt.json()).toEqual({
      code: 'unimplemented',
      message: expect.stringContaining('no method /symface.v1.FaceVerificationService/verify') as string,
    });
    // The service's name, too.
    for (const name of ['symface.v1.FaceVerification/Verify', 'symface.v1.faceverificationservice/Verify']) {
      const unknown = await fetch(`http://127.0.0.1:${port}/${name}`, { method: 'POST' });
      expect([unknown.status, await unknown.json()]).toMatchObject([
        404,
        { code: 'unimplemented', message: expect.stringContaining(`no method /${name}`) as string },
      ]);
    }
    const read = await fetch(`${at}/Verify?encoding=json`);
    expect(read.status).toBe(405);
    expect(read.headers.get('allow')).toBe('POST');
    expect(await read.json()).toMatchObject({ message: expect.stringContaining('by POST') as string });
  });

  it('takes bytes that are no message for a mistake of whoever sent them', async () => {
    const bytes = Uint8Array.of(0xff, 0xff, 0xff, 0x0f);
    expect(await refusal('FaceVerificationService/Verify', 'application/proto', bytes)).toEqual({
      status: 400,
      message: expect.stringContaining('no message') as string,
    });
    // A whole message gets as far as the service, which is not there.
    expect(
      await refusal('FaceVerificationService/Verify', 'application/proto', new Uint8Array()),
    ).toMatchObject({ status: 503 });
  });

  it('says that a method that streams both ways needs HTTP/2', async () => {
    expect(await refusal('FaceVerificationService/StreamVerify', 'application/connect+json')).toEqual({
      status: 501,
      message: expect.stringContaining('needs HTTP/2') as string,
    });
  });

  it('leaves alone what is no call', async () => {
    const { port } = server.address() as AddressInfo;
    expect((await fetch(`http://127.0.0.1:${port}/console/`)).status).toBe(204);
  });
});
