import { readdirSync, readFileSync } from 'node:fs';
import { Metadata, status } from '@grpc/grpc-js';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { failedCall, type FakeAnswers, startFakeServer } from '../../test/support/fake-symface-server.js';
import { type Message, type MessageInput, paginate, RemoteFailure, SymFaceClient } from './index.js';

/** Runs `use` with a client of a server that gives these answers. */
async function withClient<T>(answers: FakeAnswers, use: (client: SymFaceClient) => Promise<T>): Promise<T> {
  const server = await startFakeServer(answers);
  const client = new SymFaceClient({ server: server.address, apiKey: 'key' });
  try {
    return await use(client);
  } finally {
    client.close();
    server.stop();
  }
}

/** `service.method` of every rpc in the .proto files. */
function methodsOfContract(): string[] {
  const folder = new URL('../../proto/symface/v1/', import.meta.url);
  const text = readdirSync(folder)
    .map((file) => readFileSync(new URL(file, folder), 'utf8'))
    .join('\n');
  return [...text.matchAll(/^service (\w+)Service \{(.*?)^\}/gmsu)].flatMap(([, service, body]) =>
    [...body!.matchAll(/^ *rpc (\w+)/gmu)].map(([, name]) => `${lower(service!)}.${lower(name!)}`),
  );
}

function lower(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

describe('SymFaceClient', () => {
  it('has every method of the contract, and no other', () => {
    const client = new SymFaceClient({ server: '127.0.0.1:1' });
    const methods = Object.entries(client).flatMap(([service, calls]) =>
      Object.keys(calls as object).map((name) => `${service}.${name}`),
    );
    expect(methods.sort()).toEqual(methodsOfContract().sort());
    expect(methods).toContain('faceVerification.verify');
    client.close();
  });

  it('calls with the types of the contract', async () => {
    const answers: FakeAnswers = {
      verification: {
        Verify: ({ request, metadata }, done) => {
          const [key] = metadata.get('authorization');
          done(null, { similarity: request.similarityThreshold ?? 0, modelVersion: String(key) });
        },
      },
    };
    const answer = await withClient(answers, (client) =>
      client.faceVerification.verify({ similarityThreshold: 0.25 }),
    );
    expectTypeOf(answer).toEqualTypeOf<Message<'VerifyResponse'>>();
    expect(answer).toMatchObject({ similarity: 0.25, modelVersion: 'Bearer key', matched: false });
  });

  it('uploads a stream and pages through a list', async () => {
    const answers: FakeAnswers = {
      models: {
        ImportModelVersion: (call, done) => {
          const payloads: string[] = [];
          call.on('data', ({ payload }: Message<'ImportModelVersionRequest'>) =>
            payloads.push(String(payload)),
          );
          call.on('end', () => {
            done(null, { modelVersion: { name: payloads.join() } });
          });
        },
        ListModelVersions: ({ request: { pageToken } }, done) => {
          const nextPageToken = pageToken === '' ? 'next' : '';
          done(null, { modelVersions: [{ name: `after ${pageToken}` }], nextPageToken });
        },
      },
    };
    await withClient(answers, async ({ model }) => {
      const requests: MessageInput<'ImportModelVersionRequest'>[] = [
        { manifestJson: '{}' },
        { graphChunk: Buffer.of(1) },
      ];
      const { modelVersion } = await model.importModelVersion(requests);
      expect(modelVersion?.name).toBe('manifestJson,graphChunk');
      const names: string[] = [];
      for await (const { name } of paginate(model.listModelVersions, {})) names.push(name);
      expect(names).toEqual(['after ', 'after next']);
    });
  });

  it('answers a stream of requests with a stream', async () => {
    const answers: FakeAnswers = {
      verification: {
        StreamVerify: (call) => {
          call.on('data', ({ correlationId }: Message<'StreamVerifyRequest'>) => {
            call.write({ correlationId });
          });
          call.on('end', () => {
            call.end();
          });
        },
      },
    };
    await withClient(answers, async ({ faceVerification }) => {
      const ids: string[] = [];
      const requests = [{ correlationId: 'one' }, { correlationId: 'two' }];
      for await (const { correlationId } of faceVerification.streamVerify(requests)) ids.push(correlationId);
      expect(ids).toEqual(['one', 'two']);
    });
  });

  it('refuses what the contract does not have', () => {
    // @ts-expect-error A field of another message.
    const wrongField: Parameters<SymFaceClient['faceVerification']['verify']>[0] = { imageC: {} };
    expect(wrongField).toBeDefined();
    // @ts-expect-error It answers no pages.
    expect(() => paginate((client: SymFaceClient) => client.model.getModelVersion({}), {})).toBeDefined();
  });
});

describe('RemoteFailure', () => {
  const failure = failedCall({
    reason: 'OVERLOADED',
    message: 'Too many calls.',
    metadata: { field: 'image_b' },
    fieldViolations: [{ field: 'image_b', description: 'is too much' }],
    retryDelayMs: 300,
  });
  const details = {
    codeName: 'INVALID_ARGUMENT',
    reason: 'OVERLOADED',
    metadata: { field: 'image_b' },
    fieldViolations: [{ field: 'image_b', description: 'is too much' }],
    retryDelayMs: 300,
  };
  const failing = (error: Partial<typeof failure>): FakeAnswers => ({
    verification: {
      Verify: (_, done) => {
        done(error);
      },
    },
  });

  it('has what the server says of it', async () => {
    await withClient(failing(failure), async ({ faceVerification }) => {
      await expect(faceVerification.verify({})).rejects.toMatchObject({
        ...details,
        message: 'Too many calls.',
      });
    });
  });

  it('stands without details where a proxy sends others', async () => {
    const metadata = new Metadata();
    metadata.set('grpc-status-details-bin', Buffer.from('no status'));
    await withClient(
      failing({ code: status.UNAVAILABLE, details: 'busy', metadata }),
      async ({ faceVerification }) => {
        await expect(faceVerification.verify({})).rejects.toMatchObject({
          codeName: 'UNAVAILABLE',
          message: 'busy',
          reason: undefined,
        });
      },
    );
  });

  it('may be told what it is about', () => {
    const original = new RemoteFailure(3, 'Too many calls.', details);
    expect(original.about('b.jpg')).toMatchObject({
      ...details,
      message: 'b.jpg: Too many calls.',
      cause: original,
    });
  });
});
