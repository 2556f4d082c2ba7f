import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isFullSuite } from '../support/full-suite.js';
import type { RemoteFailure } from '../../src/client/remote-failure.js';
import { SymFaceClient } from '../../src/client/symface-client.js';
import { readConfiguration } from '../../src/service/platform/configuration/configuration.js';
import { copyDatabaseTemplate } from '../support/database-template.js';
import { photographOfOnePerson } from '../support/npm-photographs.js';
import { createKeyOffline } from '../support/offline-keys.js';
import { type RunningServer, startRunningServer } from '../support/running-server.js';

const streamCount = 100;

describe.skipIf(!isFullSuite)('tenants and calls beside one another', () => {
  let folder: string;
  let server: RunningServer;
  let photograph: Buffer;
  const clients: SymFaceClient[] = [];

  const clientOf = (apiKey: string): SymFaceClient => {
    const client = new SymFaceClient({ server: server.address, timeoutMs: 120_000, apiKey });
    clients.push(client);
    return client;
  };
  let admin: SymFaceClient;
  let [big, small]: [SymFaceClient, SymFaceClient] = [undefined!, undefined!];

  beforeAll(async () => {
    photograph = await photographOfOnePerson();
    folder = await mkdtemp(join(tmpdir(), 'symface-keyed-'));
    await copyDatabaseTemplate(folder);
    const adminKey = await createKeyOffline(folder, 'admin');
    server = await startRunningServer({ SYMFACE_AUTHENTICATION: 'api-key' }, async (dataFolder) => {
      await cp(folder, dataFolder, { recursive: true });
    });
    admin = clientOf(adminKey);
    const keyOf = async (tenant: string) => (await admin.admin.createApiKey({ tenant })).secret;
    [big, small] = [clientOf(await keyOf('big')), clientOf(await keyOf('small'))];
  });

  afterAll(async () => {
    for (const client of clients) client.close();
    await server.stop();
    await rm(folder, { recursive: true });
  });

  it('answers every call of one tenant while a hundred streams of another ask for all there is', async () => {
    const flood = floodOf(big, photograph);
    try {
      await waitForQueue(server.httpUrl);
      const image = { content: photograph };
      for (let call = 0; call < 5; call++) {
        const { matched } = await small.faceVerification.verify({ imageA: image, imageB: image });
        expect(matched).toBe(true);
      }
    } finally {
      // What a stream is too early with waits unread: to refuse it costs as much as to receive it.
      expect(await flood.end()).toBe(0);
    }
  });

  it('holds keys to their requests a second and their images a day, and goes by new limits at once', async () => {
    const image = { content: photograph };
    const { apiKey, secret } = await admin.admin.createApiKey({ tenant: 'small', imagesPerDay: 3 });
    const limited = clientOf(secret);
    const verify = async () => limited.faceVerification.verify({ imageA: image, imageB: image });
    await verify();
    const failure = await verify().catch((error: unknown) => error as RemoteFailure);
    expect(failure).toMatchObject({ reason: 'RATE_LIMITED', codeName: 'RESOURCE_EXHAUSTED' });
    expect(failure).toMatchObject({ metadata: { limit: 'images_per_day', left: '1' } });
    const { name } = apiKey!;
    const updated = await admin.admin.updateApiKey({ name, imagesPerDay: 0, requestsPerSecond: 2 });
    expect(updated.apiKey).toMatchObject({ imagesPerDay: 0, requestsPerSecond: 2 });
    const callers = await Promise.allSettled(
      Array.from({ length: 8 }, async () => limited.admin.getCaller({})),
    );
    const refused = callers.filter(({ status }) => status === 'rejected');
    expect(refused.length).toBeGreaterThanOrEqual(4);
    expect(refused.length).toBeLessThan(8);
    expect(refused[0]).toMatchObject({ reason: { reason: 'RATE_LIMITED' } });
  });

  it('takes four BatchVerify of 64 pairs beside one another, and a Verify meanwhile', async () => {
    const pairOf = (content: Buffer) => ({ imageA: { content }, imageB: { content } });
    // One pair takes a while, so that the others wait.
    const unreadable = Array.from({ length: 63 }, () => pairOf(Buffer.from('no image')));
    const pairs = [pairOf(photograph), ...unreadable];
    const batches = Array.from({ length: 4 }, async () => big.faceVerification.batchVerify({ pairs }));
    const image = { content: photograph };
    const single = big.faceVerification.verify({ imageA: image, imageB: image });
    for (const { results } of await Promise.all(batches)) {
      expect(results).toHaveLength(64);
      expect(results[0]?.response?.matched).toBe(true);
      expect(results[63]?.error?.message).toMatch(/image/iu);
    }
    expect((await single).matched).toBe(true);
  });
});

/** Waits until more images wait than one connection of a tenant alone may have wait, less a pair. */
async function waitForQueue(httpUrl: string): Promise<void> {
  const { queueCapacity } = readConfiguration({});
  for (;;) {
    const metrics = await (await fetch(`${httpUrl}/metrics`)).text();
    if (Number(/^symface_queued_images (\d+)/mu.exec(metrics)?.[1]) > queueCapacity / 3 - 2) return;
    await sleep(50);
  }
}

/** A hundred streams that ask as fast as they are read. @returns how to end it, and how often it was refused */
function floodOf(client: SymFaceClient, photograph: Buffer) {
  const aborted = new AbortController();
  let refusedCount = 0;
  const image = { content: photograph };
  async function* requests() {
    for (let index = 0; !aborted.signal.aborted; index++) {
      yield { correlationId: `${index}`, request: { imageA: image, imageB: image } };
      await sleep(20);
    }
  }
  const streams = Array.from({ length: streamCount }, async () => {
    for await (const { result } of client.faceVerification.streamVerify(requests(), {
      signal: aborted.signal,
    })) {
      if (result?.error != null) refusedCount++;
    }
  });
  const ended = Promise.allSettled(streams);
  return {
    end: async (): Promise<number> => {
      aborted.abort();
      await ended;
      return refusedCount;
    },
  };
}
