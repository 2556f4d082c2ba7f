import { cp, mkdtemp, rm } from 'node:fs/promises';
import { connect as connectTcp } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, credentials, Metadata, status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { serviceDefinition } from '../../src/contract/contract.js';
import type { ClientTls } from '../../src/client/client-options.js';
import { RemoteFailure } from '../../src/client/remote-failure.js';
import { paginate } from '../../src/client/paginate.js';
import { SymFaceClient } from '../../src/client/symface-client.js';
import { parseApiKeyText } from '../../src/service/access/api-key.js';
import {
  type Authority,
  type CertificateFolder,
  certificateFolder,
  type PemFiles,
} from '../support/certificates.js';
import { copyDatabaseTemplate } from '../support/database-template.js';
import { intrusions } from '../support/intrusions.js';
import { photographOfOnePerson } from '../support/npm-photographs.js';
import { createKeyOffline } from '../support/offline-keys.js';
import { codeOfEmptyCall, reflectedMethods } from '../support/reflected-methods.js';
import { type RunningServer, startRunningServer } from '../support/running-server.js';

type Outcome = { readonly code: string; readonly reason: string | undefined } | 'OK';

async function outcomeOf(call: Promise<unknown>): Promise<Outcome> {
  try {
    await call;
    return 'OK';
  } catch (error) {
    if (error instanceof RemoteFailure) return { code: error.codeName, reason: error.reason };
    throw error;
  }
}

/** Why a call was not let through; false where it was, whatever became of it. */
function denialOf(code: string): string | false {
  return code === 'UNAUTHENTICATED' || code === 'PERMISSION_DENIED' ? code : false;
}

/** A data folder whose database has an administrator's key. */
let keyedFolder: string;
let adminKey: string;

beforeAll(async () => {
  keyedFolder = await mkdtemp(join(tmpdir(), 'symface-keyed-'));
  await copyDatabaseTemplate(keyedFolder);
  adminKey = await createKeyOffline(keyedFolder, 'admin');
});

afterAll(async () => {
  await rm(keyedFolder, { recursive: true });
});

async function startWithKey(settings: Readonly<Record<string, string>>): Promise<RunningServer> {
  return startRunningServer(settings, async (dataFolder) => {
    await cp(keyedFolder, dataFolder, { recursive: true });
  });
}

describe('a service that asks for API keys', () => {
  let server: RunningServer;
  let keys: { readonly acme: string; readonly rival: string };
  let photograph: Buffer;
  const clients: SymFaceClient[] = [];
  /** Of two tenants; acme has a collection with a subject and a face. */
  let acme: SymFaceClient;
  let rival: SymFaceClient;
  let admin: SymFaceClient;
  let face: string;
  const collection = 'collections/staff';
  const subject = 'collections/staff/subjects/ada';

  const clientWith = (apiKey: string | undefined): SymFaceClient => {
    const client = new SymFaceClient({ server: server.address, timeoutMs: 60_000, apiKey });
    clients.push(client);
    return client;
  };

  beforeAll(async () => {
    photograph = await photographOfOnePerson();
    // The most talkative level: a test below looks for secrets in what was logged.
    const settings = {
      SYMFACE_AUTHENTICATION: 'api-key',
      SYMFACE_LOG_LEVEL: 'trace',
      SYMFACE_ACCESS_LOG: 'on',
    };
    server = await startWithKey(settings);
    admin = clientWith(adminKey);
    const keyOf = async (tenant: string) => (await admin.admin.createApiKey({ tenant })).secret;
    keys = { acme: await keyOf('acme'), rival: await keyOf('rival') };
    acme = clientWith(keys.acme);
    rival = clientWith(keys.rival);
    await acme.enrollment.createCollection({ collectionId: 'staff' });
    const enrolled = await acme.enrollment.enrollFaces({
      parent: subject,
      images: [{ content: photograph }],
      createSubject: true,
    });
    face = enrolled.results[0]!.face!.name;
  });

  afterAll(async () => {
    for (const client of clients) client.close();
    await server.stop();
  });

  const intruded = (client: SymFaceClient) => intrusions(client, { collection, subject, face, photograph });
  /** Methods that name nothing of a tenant's, or that no client may call. */
  const nameless = new Set([
    'EnrollmentService/GetEnrolledFaceCrop',
    'EnrollmentService/IndexCollection',
    'EnrollmentService/CreateCollection',
    'EnrollmentService/ListCollections',
    ...['DetectFaces', 'Embed', 'Verify', 'VerifyMany', 'BatchVerify', 'StreamVerify'].map(
      (method) => `FaceVerificationService/${method}`,
    ),
  ]);

  it('shows one tenant nothing of another, by any method', async () => {
    const tried = intruded(rival);
    const outcomes = Object.fromEntries(
      await Promise.all(Object.entries(tried).map(async ([name, call]) => [name, await outcomeOf(call())])),
    ) as Record<string, Outcome>;
    for (const [name, outcome] of Object.entries(outcomes)) {
      expect(outcome, name).toEqual({ code: 'NOT_FOUND', reason: 'COLLECTION_NOT_FOUND' });
    }
    const listed = [];
    for await (const one of paginate(rival.enrollment.listCollections, {})) listed.push(one);
    expect(listed).toEqual([]);
    // A collection of the same name is another one.
    await rival.enrollment.createCollection({ collectionId: 'staff' });
    const own = await rival.faceVerification.identify({ collection, image: { content: photograph } });
    expect(own).toMatchObject({ candidates: [], searchedFaceCount: 0 });
    await rival.enrollment.deleteCollection({ name: collection });
    expect((await acme.enrollment.getSubject({ name: subject })).subject).toMatchObject({
      faceCount: 1,
      consentToTrain: false,
    });
  });

  it('was tried with every method there is', () => {
    const services = ['EnrollmentService', 'FaceVerificationService'] as const;
    const methods = services.flatMap((service) =>
      Object.keys(serviceDefinition(service)).map((method) => `${service}/${method}`),
    );
    expect([...Object.keys(intruded(rival)), ...nameless].sort()).toEqual(methods.sort());
  });

  it('asks of each method for the role that it is meant for, whoever calls', async () => {
    const own = [
      'CreateCollection',
      'GetCollection',
      'ListCollections',
      'UpdateCollection',
      'DeleteCollection',
    ];
    const forClients = new Set(
      Object.entries({
        EnrollmentService: [
          ...own,
          ...[
            'CreateSubject',
            'GetSubject',
            'ListSubjects',
            'UpdateSubject',
            'DeleteSubject',
            'MergeSubjects',
          ],
          ...[
            'VerifyTemplates',
            'EnrollFaces',
            'GetEnrolledFace',
            'ListEnrolledFaces',
            'DeleteEnrolledFace',
            'VerifyTemplates',
          ],
        ],
        FaceVerificationService: [
          ...['DetectFaces', 'Embed', 'Verify', 'VerifyMany', 'BatchVerify', 'StreamVerify', 'VerifySubject'],
          'Identify',
        ],
        ModelService: ['ListModelVersions', 'GetModelVersion'],
        BenchmarkService: ['GetModelCalibration', 'GetOperatingPoint'],
        AdminService: ['GetCaller'],
      }).flatMap(([service, methods]) => methods.map((method) => `/symface.v1.${service}/${method}`)),
    );
    const raw = new Client(server.address, credentials.createInsecure());
    const methods = await reflectedMethods(raw, adminKey);
    expect(methods.filter((method) => forClients.has(method))).toHaveLength(forClients.size);
    for (const path of methods) {
      const isProbe = path.startsWith('/grpc.health.v1.Health/');
      const isClients = isProbe || forClients.has(path);
      const code = async (apiKey?: string): Promise<string> => codeOfEmptyCall(raw, path, apiKey);
      const denials = {
        nobody: isProbe ? false : 'UNAUTHENTICATED',
        acme: isClients ? false : 'PERMISSION_DENIED',
        rival: isClients ? false : 'PERMISSION_DENIED',
        admin: false,
      };
      const found = {
        nobody: denialOf(await code()),
        acme: denialOf(await code(keys.acme)),
        rival: denialOf(await code(keys.rival)),
        admin: denialOf(await code(adminKey)),
      };
      expect(found, path).toEqual(denials);
    }
    raw.close();
    expect((await acme.model.listModelVersions({})).modelVersions.length).toBeGreaterThan(0);
  });

  it('tells a caller whose key it has', async () => {
    expect(await acme.admin.getCaller({})).toMatchObject({ tenant: 'acme', role: 'API_KEY_ROLE_CLIENT' });
    const { actor, role } = await admin.admin.getCaller({});
    expect([actor, role]).toEqual([expect.stringMatching(/^apiKeys\/[^/]+$/u), 'API_KEY_ROLE_ADMIN']);
  });

  it('takes embeddings in the place of photographs from devices and administrators only', async () => {
    const { secret } = await admin.admin.createApiKey({ tenant: 'acme', role: 'API_KEY_ROLE_DEVICE' });
    const device = clientWith(secret);
    const { embeddings, modelVersion } = await acme.faceVerification.embed({
      image: { content: photograph },
    });
    const embedding = { values: embeddings[0]!.values, modelVersion };
    const denied = { code: 'PERMISSION_DENIED', reason: 'PERMISSION_DENIED' };
    expect(await outcomeOf(acme.faceVerification.identify({ collection, embedding }))).toEqual(denied);
    expect(await outcomeOf(acme.faceVerification.verifySubject({ subject, embedding }))).toEqual(denied);
    expect(
      await outcomeOf(acme.enrollment.enrollFaces({ parent: subject, embeddings: [embedding] })),
    ).toEqual(denied);
    const found = await device.faceVerification.identify({ collection, embedding });
    expect(found.candidates).toMatchObject([{ subject, matched: true }]);
    expect(found.candidates[0]!.similarity).toBeCloseTo(1, 5);
    expect(await outcomeOf(device.admin.listApiKeys({}))).toEqual(denied);
  });

  it('lets only administrators have templates kept unencrypted, by whatever call', async () => {
    const denied = { code: 'PERMISSION_DENIED', reason: 'PERMISSION_DENIED' };
    const { secret } = await admin.admin.createApiKey({ tenant: 'acme', role: 'API_KEY_ROLE_ADMIN' });
    const searchable = { collectionId: 'searchable', searchable: true };
    expect(await outcomeOf(acme.enrollment.createCollection(searchable))).toEqual(denied);
    expect(await outcomeOf(acme.enrollment.indexCollection({ name: collection }))).toEqual(denied);
    expect(await outcomeOf(acme.enrollment.getCollection({ name: 'collections/searchable' }))).toEqual({
      code: 'NOT_FOUND',
      reason: 'COLLECTION_NOT_FOUND',
    });
    const created = await clientWith(secret).enrollment.createCollection(searchable);
    expect(created.collection?.searchable).toBe(true);
    await acme.enrollment.deleteCollection({ name: 'collections/searchable' });
  });

  it('knows no caller without a key, with a wrong one or with a revoked one', async () => {
    const unauthenticated = { code: 'UNAUTHENTICATED', reason: 'UNAUTHENTICATED' };
    const { apiKey, secret } = await admin.admin.createApiKey({ tenant: 'acme' });
    const revoked = clientWith(secret);
    expect(await outcomeOf(revoked.enrollment.getCollection({ name: collection }))).toBe('OK');
    await admin.admin.revokeApiKey({ name: apiKey!.name });
    const wrong = secret.replace(/.$/u, (last) => (last === 'A' ? 'B' : 'A'));
    for (const key of [undefined, 'nonsense', wrong]) {
      const outcome = await outcomeOf(
        clientWith(key).faceVerification.embed({ image: { content: photograph } }),
      );
      expect(outcome, `key ${String(key?.slice(0, 3))}`).toEqual(unauthenticated);
    }
    await expect
      .poll(() => outcomeOf(revoked.enrollment.getCollection({ name: collection })), {
        timeout: 10_000,
        interval: 500,
      })
      .toEqual(unauthenticated);
  });

  it('answers probes without a key, and describes itself to nobody else', async () => {
    const ask = async (path: string): Promise<number> => {
      const client = new Client(server.address, credentials.createInsecure());
      try {
        return await new Promise((resolve) => {
          const bytes = (value: Buffer): Buffer => value;
          client.makeUnaryRequest(path, bytes, bytes, Buffer.alloc(0), new Metadata(), (error) => {
            resolve(error?.code ?? status.OK);
          });
        });
      } finally {
        client.close();
      }
    };
    expect(await ask('/grpc.health.v1.Health/Check')).toBe(status.OK);
    expect(await ask('/grpc.reflection.v1.ServerReflection/ServerReflectionInfo')).toBe(
      status.UNAUTHENTICATED,
    );
  });

  it('logs no key, no image and no embedding, even at its most talkative', async () => {
    const { embeddings } = await acme.faceVerification.embed({ image: { content: photograph } });
    await outcomeOf(
      clientWith('sfk_wrong_key_in_the_log').faceVerification.embed({ image: { content: photograph } }),
    );
    await outcomeOf(
      acme.enrollment.enrollFaces({ parent: subject, images: [{ content: Buffer.from('no image') }] }),
    );
    const output = server.output();
    expect(output).toContain('"level"');
    expect(output).not.toContain(parseApiKeyText(adminKey)!.secret);
    // The greeting has a place for a key.
    expect(output).not.toMatch(/sfk_(?!\.\.\. )/u);
    expect(output).not.toContain(photograph.subarray(100, 124).toString('base64'));
    expect(output).not.toContain(photograph.subarray(100, 110).toString('latin1'));
    for (const value of embeddings[0]!.values.slice(0, 8))
      expect(output).not.toContain(String(value).slice(0, 9));
  });
});

describe('a service with TLS', () => {
  let folder: CertificateFolder;
  let authority: Authority;
  let serverFiles: PemFiles;
  let server: RunningServer | undefined;

  beforeAll(async () => {
    folder = await certificateFolder();
    authority = await folder.authority('authority');
    serverFiles = await authority.issue('server');
  });

  afterAll(async () => {
    await server?.stop();
    await folder.remove();
  });

  async function start(settings: Readonly<Record<string, string>>): Promise<void> {
    await server?.stop();
    const tls = {
      SYMFACE_TLS_CERTIFICATE_FILE: serverFiles.certificateFile,
      SYMFACE_TLS_KEY_FILE: serverFiles.keyFile,
      SYMFACE_AUTHENTICATION: 'api-key',
    };
    server = await startWithKey({ ...tls, ...settings });
  }

  async function call(tls: ClientTls | undefined, apiKey: string | undefined = adminKey): Promise<Outcome> {
    const client = new SymFaceClient({ server: server!.address, timeoutMs: 10_000, apiKey, tls });
    try {
      return await outcomeOf(client.model.listModelVersions({}));
    } finally {
      client.close();
    }
  }

  const unavailable = { code: 'UNAVAILABLE', reason: undefined };

  it('serves those who trust its authority and have a key, and nobody in plaintext', async () => {
    await start({});
    const { caFile } = authority;
    const strangers = await folder.authority('strangers');
    expect(await call({ caFile })).toBe('OK');
    expect(await call({ caFile }, 'sfk_wrong')).toMatchObject({ code: 'UNAUTHENTICATED' });
    expect(await call(undefined)).toEqual(unavailable);
    expect(await call({ caFile: strangers.caFile })).toEqual(unavailable);
  });

  it('with client certificates, serves those of its authority only', async () => {
    await start({ SYMFACE_TLS_CLIENT_CA_FILE: authority.caFile });
    const { caFile } = authority;
    const strangers = await folder.authority('others');
    expect(await call({ caFile, ...(await authority.issue('client')) })).toBe('OK');
    expect(await call({ caFile })).toEqual(unavailable);
    expect(await call({ caFile, ...(await strangers.issue('client')) })).toEqual(unavailable);
  });

  it('goes on serving after someone spoke plaintext to it', async () => {
    const [host = '', port] = server!.address.split(':');
    const socket = connectTcp(Number(port), host);
    socket.on('error', () => undefined);
    socket.end('GET / HTTP/1.1\r\n\r\n');
    const { caFile } = authority;
    expect(await call({ caFile, ...(await authority.issue('late')) })).toBe('OK');
  });

  it('does not start with a key that is not its certificate’s', async () => {
    const { keyFile } = await authority.issue('other');
    await expect(start({ SYMFACE_TLS_KEY_FILE: keyFile })).rejects.toThrow();
    server = undefined;
  });
});
