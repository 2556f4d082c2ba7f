import { once } from 'node:events';
import { request as httpsRequest } from 'node:https';
import { connect as connectTcp } from 'node:net';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Code, ConnectError, createClient } from '@connectrpc/connect';
import { createConnectTransport, createGrpcWebTransport } from '@connectrpc/connect-node';
import { Client, credentials, Metadata, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { EnrollmentService } from '../../src/console/generated/symface/v1/enrollment_service_pb.js';
import { FaceVerificationService } from '../../src/console/generated/symface/v1/face_verification_service_pb.js';
import { ErrorInfoSchema } from '../../src/console/generated/google/rpc/error_details_pb.js';
import { contractRegistry, servicesOf } from '../../src/service/platform/http/bridge/contract-registry.js';
import { type CertificateFolder, certificateFolder } from '../support/certificates.js';
import { copyDatabaseTemplate } from '../support/database-template.js';
import { photographOfAnotherPerson, photographOfOnePerson } from '../support/npm-photographs.js';
import { createKeyOffline } from '../support/offline-keys.js';
import { type RunningServer, startRunningServer } from '../support/running-server.js';

interface JsonFailure {
  readonly code: string;
  readonly message: string;
  readonly details?: readonly { readonly type: string; readonly debug?: { readonly reason?: string } }[];
}

interface Outcome {
  readonly code: string;
  readonly reason: string;
}

const jsonHeaders = { 'Content-Type': 'application/json' };
let keyedFolder: string;
let adminKey: string;

beforeAll(async () => {
  keyedFolder = await mkdtemp(join(tmpdir(), 'symface-http-'));
  await copyDatabaseTemplate(keyedFolder);
  adminKey = await createKeyOffline(keyedFolder, 'admin');
});
afterAll(async () => rm(keyedFolder, { recursive: true }));

async function startWithKey(settings: Readonly<Record<string, string>>): Promise<RunningServer> {
  return startRunningServer(settings, (folder) => cp(keyedFolder, folder, { recursive: true }));
}

describe('calls over HTTP', () => {
  let server: RunningServer;
  let keyHeader: Record<string, string>;

  beforeAll(async () => {
    server = await startWithKey({
      SYMFACE_AUTHENTICATION: 'api-key',
      SYMFACE_HTTP_ORIGINS: 'https://app.example.com',
    });
    keyHeader = { Authorization: `Bearer ${adminKey}` };
  });
  afterAll(async () => server.stop());

  const post = async (method: string, body: unknown, headers: Record<string, string> = keyHeader) =>
    fetch(`${server.httpUrl}/symface.v1.${method}`, {
      method: 'POST',
      headers: { ...jsonHeaders, ...headers },
      body: JSON.stringify(body),
    });

  const connect = () =>
    createConnectTransport({
      httpVersion: '1.1',
      baseUrl: server.httpUrl,
      interceptors: [
        (next) => (call) => {
          call.header.set('Authorization', `Bearer ${adminKey}`);
          return next(call);
        },
      ],
    });

  async function outcomeOverHttp(path: string): Promise<Outcome> {
    const answer = await fetch(`${server.httpUrl}${path}`, {
      method: 'POST',
      headers: { ...jsonHeaders, ...keyHeader },
      body: '{}',
    });
    if (answer.ok) return { code: 'OK', reason: '' };
    const failure = (await answer.json()) as JsonFailure;
    const info = failure.details?.find(({ type }) => type === 'google.rpc.ErrorInfo');
    return { code: failure.code.toUpperCase(), reason: info?.debug?.reason ?? '' };
  }

  async function outcomeOverGrpc(client: Client, path: string): Promise<Outcome> {
    const bytes = (value: Buffer): Buffer => value;
    const metadata = new Metadata();
    metadata.set('authorization', `Bearer ${adminKey}`);
    return new Promise((resolve) => {
      client.makeUnaryRequest(path, bytes, bytes, Buffer.alloc(0), metadata, (error) => {
        if (error === null) {
          resolve({ code: 'OK', reason: '' });
          return;
        }
        const failure = error.metadata.get('grpc-status-details-bin')[0];
        const reason = /[A-Z][A-Z_]{4,}[A-Z]/u.exec(String(failure ?? ''))?.[0] ?? '';
        resolve({ code: status[error.code], reason });
      });
    });
  }

  it('answer every unary method as gRPC does, with the same reason where it is refused', async () => {
    const client = new Client(server.address, credentials.createInsecure());
    const paths = servicesOf(contractRegistry())
      .filter(({ typeName }) => typeName.startsWith('symface.'))
      .flatMap(({ typeName, methods }) =>
        methods.filter(({ methodKind }) => methodKind === 'unary').map(({ name }) => `/${typeName}/${name}`),
      );
    expect(paths.length).toBeGreaterThan(40);
    // Once asked for, a rotation goes on: the second call is refused, whichever it is.
    await outcomeOverGrpc(client, '/symface.v1.EncryptionService/RotateDataKey');
    for (const path of paths) {
      const [overGrpc, overHttp] = [await outcomeOverGrpc(client, path), await outcomeOverHttp(path)];
      expect(overHttp, path).toEqual(overGrpc);
    }
    client.close();
  });

  it('verify two photographs with nothing but fetch', async () => {
    const [one, other] = await Promise.all([photographOfOnePerson(), photographOfAnotherPerson()]);
    const body = {
      imageA: { content: one.toString('base64') },
      imageB: { content: other.toString('base64') },
    };
    const answer = await post('FaceVerificationService/Verify', body);
    expect(answer.status).toBe(200);
    expect(await answer.json()).toMatchObject({ similarity: expect.any(Number) as number });
    expect(
      await (await post('FaceVerificationService/Verify', { ...body, imageB: body.imageA })).json(),
    ).toMatchObject({ matched: true });
  });

  it('take images of 16 MiB and refuse what is longer than a message, saying so', async () => {
    const noise = randomBytes(16 * 1024 * 1024).toString('base64');
    const unreadable = await post('FaceVerificationService/DetectFaces', { image: { content: noise } });
    expect(unreadable.status).toBe(400);
    const { details } = (await unreadable.json()) as JsonFailure;
    expect(details?.[0]?.debug?.reason).toMatch(/^IMAGE_/u);
    const tooLong = await post('FaceVerificationService/DetectFaces', {
      image: { content: 'A'.repeat(95 * 1024 * 1024) },
    });
    expect(tooLong.status).toBe(429);
    expect(((await tooLong.json()) as JsonFailure).code).toBe('resource_exhausted');
  });

  it('say what is wrong with JSON that is none of the contract’s', async () => {
    const unknown = await post('FaceVerificationService/Verify', { imagea: {} });
    expect(unknown.status).toBe(400);
    expect(((await unknown.json()) as JsonFailure).message).toContain('imagea');
    expect((await post('FaceVerificationService/Verifi', {})).status).toBe(404);
  });

  it('need a key that is known and not revoked', async () => {
    const asked = async (headers: Record<string, string>) => {
      const answer = await post('AdminService/GetCaller', {}, headers);
      return [answer.status, ((await answer.json()) as Partial<JsonFailure>).code];
    };
    const created = (await (await post('AdminService/CreateApiKey', { tenant: 'acme' })).json()) as {
      readonly secret: string;
      readonly apiKey: { readonly name: string };
    };
    const own = { Authorization: `Bearer ${created.secret}` };
    expect(await asked({})).toEqual([401, 'unauthenticated']);
    expect(await asked({ Authorization: 'Bearer sfk_wrong' })).toEqual([401, 'unauthenticated']);
    // A browser sends cookies by itself, which is why they count for nothing.
    expect(await asked({ Cookie: `authorization=Bearer ${adminKey}` })).toEqual([401, 'unauthenticated']);
    expect(await asked(own)).toEqual([200, undefined]);
    expect((await post('AdminService/ListApiKeys', {}, own)).status).toBe(403);
    await post('AdminService/RevokeApiKey', { name: created.apiKey.name });
    // A replica may know the key for five seconds more.
    await vi.waitFor(
      async () => {
        expect(await asked(own)).toEqual([401, 'unauthenticated']);
      },
      { timeout: 10_000, interval: 250 },
    );
  });

  it('come from pages of the allowed origins only', async () => {
    const preflight = async (origin: string) =>
      fetch(`${server.httpUrl}/symface.v1.AdminService/GetCaller`, {
        method: 'OPTIONS',
        headers: { Origin: origin, 'Access-Control-Request-Method': 'POST' },
      });
    const allowed = await preflight('https://app.example.com');
    expect(allowed.status).toBe(204);
    expect(allowed.headers.get('access-control-allow-origin')).toBe('https://app.example.com');
    expect(allowed.headers.get('access-control-allow-headers')).toContain('Authorization');
    expect(allowed.headers.get('access-control-allow-credentials')).toBeNull();
    for (const origin of ['https://evil.example', 'null', 'https://app.example.com.evil.example']) {
      const refused = await preflight(origin);
      expect([refused.status, refused.headers.get('access-control-allow-origin')]).toEqual([403, null]);
      expect((await post('AdminService/GetCaller', {}, { ...keyHeader, Origin: origin })).status).toBe(403);
    }
    expect((await post('AdminService/GetCaller', {}, { ...keyHeader, Origin: server.httpUrl })).status).toBe(
      200,
    );
  });

  it('keep their deadline', async () => {
    const image = { content: (await photographOfOnePerson()).toString('base64') };
    const late = await post(
      'FaceVerificationService/DetectFaces',
      { image },
      { ...keyHeader, 'Connect-Timeout-Ms': '1' },
    );
    expect(late.status).toBe(504);
    expect(((await late.json()) as JsonFailure).code).toBe('deadline_exceeded');
  });

  it('work for generated clients: Connect, gRPC-Web and details of errors', async () => {
    const transport = connect();
    const enrolment = createClient(EnrollmentService, transport);
    await enrolment.createCollection({ collectionId: 'over-http' });
    const refused = await enrolment
      .createCollection({ collectionId: 'over-http' })
      .catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(ConnectError);
    expect((refused as ConnectError).code).toBe(Code.AlreadyExists);
    expect((refused as ConnectError).findDetails(ErrorInfoSchema)[0]?.reason).toBe(
      'COLLECTION_ALREADY_EXISTS',
    );
    const web = createGrpcWebTransport({ httpVersion: '1.1', baseUrl: server.httpUrl });
    const withoutKey = await createClient(FaceVerificationService, web)
      .detectFaces({})
      .catch((error: unknown) => error);
    expect((withoutKey as ConnectError).code).toBe(Code.Unauthenticated);
  });
});

it('does not hold the end of the service by connections that send nothing, or only half of a request', async () => {
  const server = await startRunningServer();
  const { port } = new URL(server.httpUrl);
  const silent = connectTcp(Number(port), '127.0.0.1');
  const half = connectTcp(Number(port), '127.0.0.1');
  for (const socket of [silent, half]) socket.on('error', () => undefined);
  half.write(
    'POST /symface.v1.AdminService/GetCaller HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\n{',
  );
  await Promise.all([silent, half].map(async (socket) => once(socket, 'ready').catch(() => undefined)));
  const begunMs = performance.now();
  expect(await server.stop()).toBe(0);
  expect(performance.now() - begunMs).toBeLessThan(15_000);
  for (const socket of [silent, half]) socket.destroy();
});

describe('who reaches the HTTP port', () => {
  it('is nobody by another name, where the service asks for no keys', async () => {
    const server = await startRunningServer();
    try {
      const { port } = new URL(server.httpUrl);
      // The page of a name that was made to resolve to this machine: to the browser it is of the same origin.
      const rebound = { Host: `evil.example:${port}`, Origin: `http://evil.example:${port}` };
      expect(await statusOf(server.httpUrl, rebound)).toBe(403);
      expect(await statusOf(server.httpUrl, { Host: `localhost:${port}` })).toBe(200);
    } finally {
      await server.stop();
    }
  });

  describe('with TLS', () => {
    let folder: CertificateFolder;

    beforeAll(async () => {
      folder = await certificateFolder();
    });
    afterAll(async () => folder.remove());

    it('shows the certificate of the gRPC port, and asks for the client’s where that port does', async () => {
      const authority = await folder.authority('ours');
      const { certificateFile, keyFile } = await authority.issue('server');
      const own = await authority.issue('client');
      const stranger = await (await folder.authority('theirs')).issue('stranger');
      const tls = { SYMFACE_TLS_CERTIFICATE_FILE: certificateFile, SYMFACE_TLS_KEY_FILE: keyFile };
      const mutual = { ...tls, SYMFACE_TLS_CLIENT_CA_FILE: authority.caFile };
      // Probes know no certificate: they would never see a port that asks for one get ready.
      const plain = await startRunningServer(mutual);
      try {
        expect(await statusOf(plain.httpUrl, {})).toBe(404);
        expect((await fetch(`${plain.httpUrl}/console/`)).status).toBe(404);
      } finally {
        await plain.stop();
      }
      const ca = await readFile(authority.caFile);
      const server = await startRunningServer(
        { ...mutual, SYMFACE_HTTP_TLS: 'true' },
        undefined,
        async (url) =>
          (await httpsStatus(url.replace('http:', 'https:'), { ca, ...(await pem(own)) })) === 200,
      );
      try {
        const url = server.httpUrl.replace('http:', 'https:');
        await expect(httpsStatus(url, { ca })).rejects.toThrow();
        await expect(httpsStatus(url, { ca, ...(await pem(stranger)) })).rejects.toThrow();
      } finally {
        await server.stop();
      }
    });
  });
});

async function pem(files: { readonly certificateFile: string; readonly keyFile: string }) {
  return { cert: await readFile(files.certificateFile), key: await readFile(files.keyFile) };
}

/** What GetCaller is answered with; fetch would not let the name be another. */
async function statusOf(url: string, headers: Record<string, string>): Promise<number> {
  const { request } = await import('node:http');
  return new Promise((resolve, reject) => {
    const call = request(`${url}/symface.v1.AdminService/GetCaller`, {
      method: 'POST',
      headers: { ...jsonHeaders, ...headers },
    });
    call.on('response', (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    call.on('error', reject);
    call.end('{}');
  });
}

async function httpsStatus(url: string, tls: { ca: Buffer; cert?: Buffer; key?: Buffer }): Promise<number> {
  return new Promise((resolve, reject) => {
    const call = httpsRequest(`${url}/symface.v1.AdminService/GetCaller`, {
      method: 'POST',
      headers: jsonHeaders,
      ...tls,
    });
    call.on('response', (answer) => {
      answer.resume();
      resolve(answer.statusCode ?? 0);
    });
    call.on('error', reject);
    call.end('{}');
  });
}
