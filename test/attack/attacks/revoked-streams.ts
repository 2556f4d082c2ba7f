import { setTimeout as sleep } from 'node:timers/promises';
import { RemoteFailure } from '../../../src/client/remote-failure.js';
import type { SymFaceClient } from '../../../src/client/symface-client.js';
import { type Attack, hold, type Scene } from '../attack.js';
import type { Target } from '../target.js';

/** What the documents promise: five seconds on every replica, and two for streams. */
const endedWithinMs = 7_000;
/** Beside full cores. */
const leewayMs = 3_000;

export default {
  title: 'keys revoked in the middle of streams: each ends within seconds, on every replica, over HTTP too',
  isShort: false,
  databases: ['embedded', 'postgres'],
  hasOwnServices: true,
  limitSeconds: 240,
  run: async (scene) => {
    // Nobody works on its jobs: they can be watched for ever.
    const settings = { SYMFACE_QUEUES: 'none' };
    const target = await scene.startTarget({ settings });
    const { databaseUrl } = target;
    const other = databaseUrl === undefined ? target : await scene.startTarget({ databaseUrl, settings });
    const root = other.client(other.keys.admin);
    const { job } = await target.client(target.keys.admin).encryption.rotateDataKey({});
    const name = job?.name ?? '';
    const seen: string[] = [];
    for (const [what, open] of Object.entries(streams(scene, target, name))) {
      const { apiKey, secret } = await root.admin.createApiKey({
        tenant: 'acme',
        role: what === 'StreamVerify' ? 'API_KEY_ROLE_CLIENT' : 'API_KEY_ROLE_ADMIN',
      });
      const stop = new AbortController();
      scene.afterwards(() => {
        stop.abort();
      });
      const ended = open(secret, stop.signal);
      await sleep(1_500);
      hold(
        (await Promise.race([ended, Promise.resolve('open')])) === 'open',
        () => `${what} does not stay open`,
      );
      const beginMs = performance.now();
      await root.admin.revokeApiKey({ name: apiKey?.name ?? '' });
      const tooLate = sleep(endedWithinMs + leewayMs, 'still open', { ref: false });
      const outcome = await Promise.race([ended, tooLate]);
      const seconds = (performance.now() - beginMs) / 1000;
      hold(/UNAUTHENTICATED|unauthenticated/u.test(outcome), `${what} of a revoked key is ${outcome}`);
      seen.push(`${what} ${seconds.toFixed(1)} s`);
    }
    const { job: still } = await target.client(target.keys.admin).job.getJob({ name });
    hold(still?.state === 'JOB_STATE_QUEUED', `the job that was watched is ${still?.state ?? 'gone'}`);
    return `ended after ${seen.join(', ')}`;
  },
} satisfies Attack;

type Open = (apiKey: string, signal: AbortSignal) => Promise<string>;

/** Streams that stay open; each resolves to how it ended. */
function streams({ photographs }: Scene, target: Target, job: string): Readonly<Record<string, Open>> {
  const image = { content: photographs.person };
  const clientOf = (apiKey: string): SymFaceClient => target.client(apiKey, 600_000);
  return {
    StreamVerify: async (apiKey, signal) =>
      endOf(clientOf(apiKey).faceVerification.streamVerify(slowly(verifications(image), signal))),
    WatchJob: async (apiKey) => endOf(clientOf(apiKey).job.watchJob({ name: job })),
    'an upload': async (apiKey, signal) =>
      clientOf(apiKey)
        .model.importModelVersion(slowly(partsOfModel(), signal))
        .then(() => 'imported', codeOf),
    'WatchJob over HTTP': async (apiKey, signal) => overHttp(target.server.httpUrl, apiKey, job, signal),
  };
}

function* verifications(image: { readonly content: Buffer }) {
  for (let count = 0; ; count++)
    yield { correlationId: String(count), request: { imageA: image, imageB: image } };
}

function* partsOfModel() {
  yield { manifestJson: '{}' };
  for (;;) yield { graphChunk: Buffer.alloc(16) };
}

async function* slowly<T>(items: Iterable<T>, signal: AbortSignal): AsyncGenerator<T> {
  for (const item of items) {
    if (signal.aborted) return;
    yield item;
    await sleep(300);
  }
}

async function endOf(stream: AsyncIterable<object>): Promise<string> {
  try {
    let messages = 0;
    for await (const message of stream) messages += Object.keys(message).length;
    return `ended after ${messages} fields`;
  } catch (error) {
    return codeOf(error);
  }
}

function codeOf(error: unknown): string {
  return error instanceof RemoteFailure ? (error.reason ?? error.codeName) : String(error);
}

/** A server stream as browsers open it, by Connect's envelopes: the last one has the error. */
async function overHttp(httpUrl: string, apiKey: string, name: string, signal: AbortSignal): Promise<string> {
  const message = Buffer.from(JSON.stringify({ name }));
  const head = Buffer.alloc(5);
  head.writeUInt32BE(message.length, 1);
  const response = await fetch(`${httpUrl}/symface.v1.JobService/WatchJob`, {
    method: 'POST',
    headers: {
      'content-type': 'application/connect+json',
      'connect-protocol-version': '1',
      authorization: `Bearer ${apiKey}`,
    },
    body: Buffer.concat([head, message]),
    signal,
  }).catch((error: unknown) => error);
  if (!(response instanceof Response)) return String(response);
  const text = await response.text().catch((error: unknown) => String(error));
  return /"code":"(?<code>\w+)"/u.exec(text)?.groups?.['code'] ?? text.slice(-200);
}
